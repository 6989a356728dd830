"""compose.yaml and the Kubernetes manifests: valid, closed, and in step with the service."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from app.settings import Settings

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "docs" / "deploy" / "kubernetes"
MANIFESTS = sorted(path for path in KUBERNETES.glob("*.yaml") if path.stem != "kustomization")
VERSIONS = ("1.30", "1.36")
OURS = ("migrate", "sandbox", "api", "worker-1", "worker-2")
LIBRARY_SETTINGS = {"PGPASSFILE"}


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return document


def resources() -> list[dict[str, Any]]:
    found = [yaml.safe_load_all(path.read_text("utf-8")) for path in MANIFESTS]
    return [one for documents in found for one in documents]


def pods() -> list[dict[str, Any]]:
    return [
        one["spec"]["template"]["spec"]
        for one in resources()
        if one["kind"] in ("Deployment", "StatefulSet", "Job")
    ]


def known_setting(name: str) -> bool:
    return name in LIBRARY_SETTINGS or name.removeprefix("HEDUI_").lower() in Settings.model_fields


def test_compose_has_all_parts_and_each_is_closed() -> None:
    services = compose()["services"]
    assert set(services) == {"postgresql", *OURS}
    for name in OURS:
        service = services[name]
        assert service["image"] == "hedui"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "healthcheck" in service or name == "api", "the image's own serves the api"
        assert "privileged" not in service


def test_compose_waits_for_what_each_part_needs() -> None:
    services = compose()["services"]
    assert services["migrate"]["depends_on"] == {"postgresql": {"condition": "service_healthy"}}
    for name in ("api", "worker-1", "worker-2"):
        needed = services[name]["depends_on"]
        assert needed["migrate"] == {"condition": "service_completed_successfully"}
        assert needed["sandbox"] == {"condition": "service_healthy"}
    assert "test" in services["postgresql"]["healthcheck"]


def test_what_serves_does_not_know_the_owner_of_the_tables() -> None:
    """Row-level security binds a role that owns nothing (docs/deploy/postgresql/roles.sql)."""
    services = compose()["services"]
    knows = [name for name in OURS if {"pgpass_owner", "hedui_owner"} & _secrets(services[name])]
    assert knows == ["migrate"]
    assert "//hedui_owner@" in services["migrate"]["environment"]["HEDUI_MIGRATION_DATABASE_URL"]
    for name in OURS:
        assert "owner" not in services[name].get("environment", {}).get("HEDUI_DATABASE_URL", "")
    for pod in pods():
        for container in pod["containers"]:
            assert not any("owner" in mount["name"] for mount in container["volumeMounts"])


def _secrets(service: dict[str, Any]) -> set[str]:
    return set(service.get("secrets", ()))


def test_compose_names_secrets_by_file_and_holds_none() -> None:
    document = compose()
    declared = document["secrets"]
    assert all(set(one) == {"file"} for one in declared.values())
    for name, service in document["services"].items():
        assert set(service.get("secrets", ())) <= set(declared), name
        for key, value in service.get("environment", {}).items():
            secret = any(word in key for word in ("PASSWORD", "SECRET", "TOKEN"))
            assert not secret or key.endswith("_FILE"), f"{name}: {key}"
            assert "@" not in str(value) or ":" not in str(value).split("//")[1].split("@")[0], key


def test_compose_uses_named_volumes_and_settings_that_exist() -> None:
    document = compose()
    names = set()
    for name, service in document["services"].items():
        mounts = [mount.split(":")[0] for mount in service.get("volumes", ())]
        files = {mount for mount in mounts if mount.startswith("./")}
        assert all((ROOT / mount).is_file() for mount in files), name
        assert set(mounts) - files <= set(document["volumes"]), name
        if name in OURS:
            settings = service.get("environment", {})
            assert [one for one in settings if not known_setting(one)] == [], name
            names.add(settings.get("HEDUI_WORKER"))
    assert {"api-1", "worker-1", "worker-2"} <= names, "each process has a name of its own"


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_hold_to_the_schema(path: Path, version: str) -> None:
    for one in yaml.safe_load_all(path.read_text("utf-8")):
        kubernetes_validate.validate(one, version, strict=True)


def test_a_wrong_manifest_is_found() -> None:
    wrong = next(one for one in resources() if one["kind"] == "Deployment")
    wrong["spec"]["replicas"] = "two"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_kustomization_names_every_manifest_but_the_template() -> None:
    document = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))
    names = {path.name for path in MANIFESTS} - {"secret.yaml"}
    assert set(document["resources"]) == names
    kinds = {one["kind"] for one in resources()}
    assert {
        "Namespace",
        "Secret",
        "ConfigMap",
        "Deployment",
        "StatefulSet",
        "Service",
        "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
    } <= kinds


def test_pods_are_restricted() -> None:
    """What the Pod Security Standard `restricted` asks, and a read-only root besides."""
    assert pods()
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert not any("hostPath" in volume for volume in pod["volumes"])
        for container in (*pod["containers"], *pod["initContainers"]):
            closed = container["securityContext"]
            assert closed["allowPrivilegeEscalation"] is False, container["name"]
            assert closed["readOnlyRootFilesystem"] is True, container["name"]
            assert closed["capabilities"] == {"drop": ["ALL"]}, container["name"]
            assert {"requests", "limits"} == set(container["resources"]), container["name"]
            mounted = {mount["name"] for mount in container["volumeMounts"]}
            assert mounted <= {volume["name"] for volume in pod["volumes"]}


def test_the_api_is_probed_where_it_answers() -> None:
    [api] = [pod["containers"][0] for pod in pods() if pod["containers"][0]["args"] == ["serve"]]
    assert api["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert api["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert {"name": "HEDUI_BATCH_WORKERS", "value": "0"} in api["env"]


def test_settings_of_the_manifests_exist() -> None:
    names = [name for one in resources() if one["kind"] == "ConfigMap" for name in one["data"]]
    names += [one["name"] for pod in pods() for part in pod["containers"] for one in part["env"]]
    assert [name for name in names if not known_setting(name)] == []


def test_the_template_holds_no_secret() -> None:
    secrets = [one["stringData"] for one in resources() if one["kind"] == "Secret"]
    values = {name: text for one in secrets for name, text in one.items()}
    assert set(values) == {"master.key", "audit.key", "pgpass", "sources.yaml"}
    for one in secrets:
        assert all("REPLACE" in text for name, text in one.items() if name != "sources.yaml")
