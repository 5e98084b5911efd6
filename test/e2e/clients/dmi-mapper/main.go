// A mapper on grpc-go that treats the site as mappers made by KubeEdge's framework do: it registers, serves its own socket, dials
// anew for each report, and takes it for granted that the members of a device are there. Its devices do what is desired of them at
// once and report it. One line of JSON on stdout for each thing that it is told; it ends with its stdin.
//
//	dmi-mapper SITE_SOCKET OWN_SOCKET PROTOCOL
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/ioutil"
	"net"
	"os"
	"sync"
	"time"

	"dmi"

	"google.golang.org/grpc"
)

const callTimeout = 5 * time.Second

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type mapper struct {
	site string

	lock    sync.Mutex
	devices map[string]*dmi.Device
	models  map[string]*dmi.DeviceModel
}

// call dials, as the framework does for each call.
func (m *mapper) call(do func(context.Context, dmi.DeviceManagerServiceClient) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	dial := func(ctx context.Context, path string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	connection, err := grpc.DialContext(ctx, m.site, grpc.WithInsecure(), grpc.WithBlock(), grpc.WithContextDialer(dial))
	if err != nil {
		return err
	}
	defer connection.Close()
	return do(ctx, dmi.NewDeviceManagerServiceClient(connection))
}

func (m *mapper) register(name, protocol, address string) error {
	return m.call(func(ctx context.Context, site dmi.DeviceManagerServiceClient) error {
		info := &dmi.MapperInfo{Name: name, Version: "v1.0", ApiVersion: "v1.0.0", Protocol: protocol, Address: []byte(address), State: "ok"}
		answer, err := site.MapperRegister(ctx, &dmi.MapperRegisterRequest{WithData: true, Mapper: info})
		if err != nil {
			return err
		}
		for _, model := range answer.ModelList {
			m.models[id(model.Namespace, model.Name)] = model
		}
		told("registered", len(answer.DeviceList))
		for _, device := range answer.DeviceList {
			if err := m.attach(device); err != nil {
				return err
			}
		}
		return nil
	})
}

// attach does what is desired. As in the framework, a device needs its model, and each property its members.
func (m *mapper) attach(device *dmi.Device) error {
	model := m.models[id(device.Namespace, device.Spec.DeviceModelReference)]
	if model == nil {
		return fmt.Errorf("model %s not found", device.Spec.DeviceModelReference)
	}
	m.devices[id(device.Namespace, device.Name)] = device
	config := []string{}
	for key := range device.Spec.Protocol.ConfigData.Data {
		config = append(config, key)
	}
	values := map[string]string{}
	for _, property := range device.Spec.Properties {
		for key, value := range property.Visitors.ConfigData.Data {
			config = append(config, key+" "+value.TypeUrl)
		}
		values[property.Name] = property.Desired.Value
	}
	told("attached", map[string]interface{}{"name": device.Name, "values": values, "config": config, "toCloud": device.Status.ReportToCloud})
	go m.report(device, values)
	return nil
}

func (m *mapper) report(device *dmi.Device, values map[string]string) {
	twins := []*dmi.Twin{}
	for name, value := range values {
		if value == "" {
			value = "0" // what is only measured
		}
		metadata := map[string]string{"timestamp": fmt.Sprint(time.Now().UnixNano() / 1e6), "type": "int"}
		twins = append(twins, &dmi.Twin{PropertyName: name, Reported: &dmi.TwinProperty{Value: value, Metadata: metadata}})
	}
	err := m.call(func(ctx context.Context, site dmi.DeviceManagerServiceClient) error {
		states := &dmi.ReportDeviceStatesRequest{DeviceName: device.Name, DeviceNamespace: device.Namespace, State: "online"}
		if _, err := site.ReportDeviceStates(ctx, states); err != nil {
			return err
		}
		status := &dmi.ReportDeviceStatusRequest{DeviceName: device.Name, DeviceNamespace: device.Namespace, ReportedDevice: &dmi.DeviceStatus{Twins: twins}}
		_, err := site.ReportDeviceStatus(ctx, status)
		return err
	})
	if err != nil {
		told("refused", err.Error())
	}
}

func (m *mapper) RegisterDevice(_ context.Context, request *dmi.DeviceRequest) (*dmi.DeviceName, error) {
	return m.hear("RegisterDevice", request)
}

func (m *mapper) UpdateDevice(_ context.Context, request *dmi.DeviceRequest) (*dmi.Nothing, error) {
	_, err := m.hear("UpdateDevice", request)
	return &dmi.Nothing{}, err
}

func (m *mapper) hear(method string, request *dmi.DeviceRequest) (*dmi.DeviceName, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	told(method, request.Device.Name)
	return &dmi.DeviceName{DeviceName: request.Device.Name}, m.attach(request.Device)
}

func (m *mapper) RemoveDevice(_ context.Context, request *dmi.DeviceName) (*dmi.Nothing, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	told("RemoveDevice", request.DeviceName)
	delete(m.devices, id(request.DeviceNamespace, request.DeviceName))
	return &dmi.Nothing{}, nil
}

func (m *mapper) CreateDeviceModel(_ context.Context, request *dmi.ModelRequest) (*dmi.ModelName, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	told("CreateDeviceModel", request.Model.Name)
	m.models[id(request.Model.Namespace, request.Model.Name)] = request.Model
	return &dmi.ModelName{ModelName: request.Model.Name}, nil
}

func (m *mapper) UpdateDeviceModel(_ context.Context, request *dmi.ModelRequest) (*dmi.Nothing, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	told("UpdateDeviceModel", request.Model.Name)
	key := id(request.Model.Namespace, request.Model.Name)
	if m.models[key] == nil {
		return nil, errors.New("update of a model that does not exist")
	}
	m.models[key] = request.Model
	return &dmi.Nothing{}, nil
}

func (m *mapper) RemoveDeviceModel(_ context.Context, request *dmi.ModelName) (*dmi.Nothing, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	told("RemoveDeviceModel", request.ModelName)
	delete(m.models, id(request.ModelNamespace, request.ModelName))
	return &dmi.Nothing{}, nil
}

func id(namespace, name string) string {
	return namespace + "/" + name
}

var output sync.Mutex

func told(step string, value interface{}) {
	line, err := json.Marshal(map[string]interface{}{"step": step, "value": value})
	check(err)
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

func main() {
	site, own, protocol := os.Args[1], os.Args[2], os.Args[3]
	m := &mapper{site: site, devices: map[string]*dmi.Device{}, models: map[string]*dmi.DeviceModel{}}
	check(os.RemoveAll(own))
	listener, err := net.Listen("unix", own)
	check(err)
	server := grpc.NewServer()
	dmi.RegisterDeviceMapperServiceServer(server, m)
	// Whoever is told before the registration is through waits for it.
	m.lock.Lock()
	go func() { check(server.Serve(listener)) }()
	check(m.register("gauges", protocol, own))
	m.lock.Unlock()
	_, err = io.Copy(ioutil.Discard, os.Stdin)
	check(err)
}
