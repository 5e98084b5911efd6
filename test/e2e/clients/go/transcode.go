package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kubeprotobuf "k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

const longestLine = 16 << 20

// The Go types of the built-in kinds are the measure of what travels between JSON and protobuf, and how.
func transcode() {
	check(apiextensionsv1.AddToScheme(scheme.Scheme))
	check(apiregistrationv1.AddToScheme(scheme.Scheme))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		transcodeLine(lines.Text())
	}
	check(lines.Err())
}

func transcodeLine(line string) {
	body, err := base64.StdEncoding.DecodeString(line)
	check(err)
	object, kind, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		told("unknown", err.Error())
		return
	}
	if err != nil {
		told("refused", err.Error())
		return
	}
	object.GetObjectKind().SetGroupVersionKind(*kind)
	text, err := json.Marshal(object)
	check(err)
	var message bytes.Buffer
	check(kubeprotobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(object, &message))
	told("object", map[string]interface{}{"json": json.RawMessage(text), "protobuf": message.Bytes()})
}
