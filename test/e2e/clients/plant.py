"""Walks the official Python client through a site; one line of JSON on stdout for each step. Usage: plant.py KUBECONFIG"""

import json
import sys

from kubernetes import client, config, watch

NAMESPACE = "default"


def told(step, value):
    print(json.dumps({"step": step, "value": value}), flush=True)


def refused(call):
    try:
        call()
    except client.ApiException as error:
        return [error.status, json.loads(error.body)["reason"]]
    return None


def config_maps(core):
    for number in range(5):
        meta = client.V1ObjectMeta(name="gauge-%d" % number, labels={"plant": "north", "number": str(number)})
        core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=meta, data={"unit": "bar"}))
    first = core.list_namespaced_config_map(NAMESPACE, label_selector="plant=north", limit=2)
    rest = core.list_namespaced_config_map(NAMESPACE, label_selector="plant=north", _continue=first.metadata._continue)
    told("pages", [[each.metadata.name for each in page.items] for page in (first, rest)])
    told("remaining", first.metadata.remaining_item_count)
    patched = core.patch_namespaced_config_map("gauge-1", NAMESPACE, {"data": {"unit": "psi", "kind": "dial"}})
    told("patched", patched.data)
    stale = core.read_namespaced_config_map("gauge-1", NAMESPACE)
    stale.metadata.resource_version = first.items[0].metadata.resource_version
    told("conflict", refused(lambda: core.replace_namespaced_config_map("gauge-1", NAMESPACE, stale)))
    told("missing", refused(lambda: core.read_namespaced_config_map("absent", NAMESPACE)))
    return rest.metadata.resource_version


def watched(core, since):
    core.delete_namespaced_config_map("gauge-4", NAMESPACE)
    seen = []
    stream = watch.Watch()
    for event in stream.stream(
        core.list_namespaced_config_map,
        NAMESPACE,
        label_selector="plant=north",
        resource_version=since,
        timeout_seconds=30,
    ):
        seen.append([event["type"], event["object"].metadata.name])
        if event["type"] == "DELETED":
            stream.stop()
    told("watched", seen)


def workload(apps):
    labels = {"app": "reader"}
    container = client.V1Container(name="reader", image="nowhere/reader:1")
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container])
    )
    spec = client.V1DeploymentSpec(replicas=0, selector=client.V1LabelSelector(match_labels=labels), template=template)
    made = apps.create_namespaced_deployment(
        NAMESPACE, client.V1Deployment(metadata=client.V1ObjectMeta(name="reader"), spec=spec)
    )
    told("strategy", made.spec.strategy.rolling_update.max_surge)
    apps.patch_namespaced_deployment_scale("reader", NAMESPACE, {"spec": {"replicas": 2}})
    told("scale", apps.read_namespaced_deployment_scale("reader", NAMESPACE).spec.replicas)
    apps.delete_namespaced_deployment("reader", NAMESPACE, propagation_policy="Foreground")


def custom(extensions, objects):
    schema = client.V1JSONSchemaProps(type="object", x_kubernetes_preserve_unknown_fields=True)
    version = client.V1CustomResourceDefinitionVersion(
        name="v1", served=True, storage=True, schema=client.V1CustomResourceValidation(open_apiv3_schema=schema)
    )
    names = client.V1CustomResourceDefinitionNames(plural="valves", singular="valve", kind="Valve")
    spec = client.V1CustomResourceDefinitionSpec(
        group="plant.example", names=names, scope="Namespaced", versions=[version]
    )
    extensions.create_custom_resource_definition(
        client.V1CustomResourceDefinition(metadata=client.V1ObjectMeta(name="valves.plant.example"), spec=spec)
    )
    stream = watch.Watch()
    for event in stream.stream(extensions.list_custom_resource_definition, timeout_seconds=30):
        conditions = event["object"].status.conditions or []
        if any(each.type == "Established" and each.status == "True" for each in conditions):
            stream.stop()
    body = {"apiVersion": "plant.example/v1", "kind": "Valve", "metadata": {"name": "v1"}, "open": True}
    objects.create_namespaced_custom_object("plant.example", "v1", NAMESPACE, "valves", body)
    listed = objects.list_namespaced_custom_object("plant.example", "v1", NAMESPACE, "valves")
    told("custom", [[each["metadata"]["name"], each["open"]] for each in listed["items"]])


def main():
    config.load_kube_config(config_file=sys.argv[1])
    core = client.CoreV1Api()
    told("version", client.VersionApi().get_code().major)
    since = config_maps(core)
    watched(core, since)
    workload(client.AppsV1Api())
    custom(client.ApiextensionsV1Api(), client.CustomObjectsApi())
    review = client.V1SelfSubjectAccessReview(
        spec=client.V1SelfSubjectAccessReviewSpec(
            resource_attributes=client.V1ResourceAttributes(verb="delete", resource="nodes")
        )
    )
    told("allowed", client.AuthorizationV1Api().create_self_subject_access_review(review).status.allowed)


main()
