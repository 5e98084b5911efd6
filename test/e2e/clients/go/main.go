// Walks the real client-go through a site; one line of JSON on stdout for each step.
//
//	go-client walk KUBECONFIG    typed clients, a shared informer and leader election, all of it in protobuf
//	go-client pods NAMESPACE     InClusterConfig: lists the pods, then tells of changes until its stdin ends
//	go-client transcode          reads objects in JSON or protobuf, one in base64 a line; tells each in both
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

const (
	namespace = "default"
	protobuf  = "application/vnd.kubernetes.protobuf"
	deadline  = 60 * time.Second
)

func told(step string, value interface{}) {
	line, err := json.Marshal(map[string]interface{}{"step": step, "value": value})
	check(err)
	fmt.Println(string(line))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	switch os.Args[1] {
	case "walk":
		config, err := clientcmd.BuildConfigFromFlags("", os.Args[2])
		check(err)
		config.ContentType = protobuf
		client := kubernetes.NewForConfigOrDie(config)
		configMaps(ctx, client)
		workloads(ctx, client)
		informed(ctx, client)
		leads(ctx, client)
	case "pods":
		pods(os.Args[2])
	case "transcode":
		transcode()
	}
}

func configMaps(ctx context.Context, client kubernetes.Interface) {
	maps := client.CoreV1().ConfigMaps(namespace)
	meta := metav1.ObjectMeta{Name: "gauge", Labels: map[string]string{"plant": "north"}}
	made, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: meta, Data: map[string]string{"unit": "bar"}, BinaryData: map[string][]byte{"raw": {0, 255, 7}}}, metav1.CreateOptions{})
	check(err)
	read, err := maps.Get(ctx, "gauge", metav1.GetOptions{})
	check(err)
	told("same", read.UID == made.UID && read.ResourceVersion == made.ResourceVersion && read.CreationTimestamp.Equal(&made.CreationTimestamp))
	told("binary", read.BinaryData["raw"])
	told("manager", read.ManagedFields[0].Manager)
	patched, err := maps.Patch(ctx, "gauge", types.StrategicMergePatchType, []byte(`{"data":{"kind":"dial"}}`), metav1.PatchOptions{})
	check(err)
	told("patched", patched.Data)
	_, err = maps.Update(ctx, made, metav1.UpdateOptions{})
	told("conflict", apierrors.IsConflict(err))
	_, err = maps.Get(ctx, "absent", metav1.GetOptions{})
	told("missing", apierrors.IsNotFound(err))
	_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "Bad_Name"}}, metav1.CreateOptions{})
	told("invalid", apierrors.IsInvalid(err))
	list, err := maps.List(ctx, metav1.ListOptions{LabelSelector: "plant=north", Limit: 1})
	check(err)
	told("listed", len(list.Items))
}

func workloads(ctx context.Context, client kubernetes.Interface) {
	labels := map[string]string{"app": "go"}
	replicas := int32(2)
	template := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: labels},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "nowhere/main:1"}}},
	}
	spec := appsv1.DeploymentSpec{Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template}
	made, err := client.AppsV1().Deployments(namespace).Create(ctx, &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "go"}, Spec: spec}, metav1.CreateOptions{})
	check(err)
	told("surge", made.Spec.Strategy.RollingUpdate.MaxSurge.String())
	scale, err := client.AppsV1().Deployments(namespace).GetScale(ctx, "go", metav1.GetOptions{})
	check(err)
	told("scale", scale.Spec.Replicas)
	background := metav1.DeletePropagationBackground
	check(client.AppsV1().Deployments(namespace).Delete(ctx, "go", metav1.DeleteOptions{PropagationPolicy: &background}))
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	check(err)
	told("nodes", len(nodes.Items))
}

// A reflector over protobuf: list, then watch frames.
func informed(ctx context.Context, client kubernetes.Interface) {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	events := make(chan string, 16)
	informer := factory.Core().V1().ConfigMaps().Informer()
	informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object interface{}) { events <- "add " + object.(*corev1.ConfigMap).Name },
		UpdateFunc: func(_, object interface{}) { events <- "update " + object.(*corev1.ConfigMap).Name },
		DeleteFunc: func(object interface{}) { events <- "delete " + object.(*corev1.ConfigMap).Name },
	})
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		check(fmt.Errorf("the cache does not sync"))
	}
	maps := client.CoreV1().ConfigMaps(namespace)
	_, err := maps.Patch(ctx, "gauge", types.MergePatchType, []byte(`{"data":{"seen":"yes"}}`), metav1.PatchOptions{})
	check(err)
	check(maps.Delete(ctx, "gauge", metav1.DeleteOptions{}))
	seen := []string{}
	for event := range events {
		if event == "add gauge" || event == "update gauge" || event == "delete gauge" {
			seen = append(seen, event)
		}
		if event == "delete gauge" {
			break
		}
	}
	told("informed", seen)
}

func leads(ctx context.Context, client kubernetes.Interface) {
	ctx, cancel := context.WithCancel(ctx)
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Name: "go", Namespace: namespace},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: "one"},
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: lock, ReleaseOnCancel: true, LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: time.Second,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { told("leads", true); cancel() },
			OnStoppedLeading: func() {},
		},
	})
}

func pods(namespace string) {
	config, err := rest.InClusterConfig()
	check(err)
	client := kubernetes.NewForConfigOrDie(config)
	list, err := client.CoreV1().Pods(namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		told("refused", apierrors.ReasonForError(err))
		return
	}
	names := []string{}
	for _, pod := range list.Items {
		names = append(names, pod.Name)
	}
	told("pods", names)
	watch, err := client.CoreV1().Pods(namespace).Watch(context.Background(), metav1.ListOptions{ResourceVersion: list.ResourceVersion})
	check(err)
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	for {
		select {
		case event, open := <-watch.ResultChan():
			if !open {
				told("closed", true)
				return
			}
			if pod, is := event.Object.(*corev1.Pod); is {
				told(string(event.Type), pod.Name)
			}
		case <-ended:
			return
		}
	}
}
