"""The production files fit their schemas, each other and the settings."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house import ROOT

COMPOSE = ROOT / "docker-compose.yml"
KUBERNETES = ROOT / "deploy" / "kubernetes" / "hosho.yaml"
NGINX = ROOT / "deploy" / "nginx" / "nginx.conf"
SETTINGS = (ROOT / "config" / "settings.py").read_text()
ENGINES_OWN = {"DATABASE_URL_FILE", "PROMETHEUS_MULTIPROC_DIR", "RELAYHOST", "MYHOSTNAME"}
OWNERS = ("migrate", "erase")  # act as the owner of the tables
IMAGES_OURS = ("web", "worker-office", "worker-sms", "worker-email", "beat", "watch", *OWNERS)


def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


def kubernetes() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(KUBERNETES.read_text()))


def found(tool: str) -> str:
    """A tool of this environment."""
    return str(Path(sys.executable).parent / tool)


def known_setting(name: str) -> bool:
    return f'"{name.removesuffix("_FILE")}"' in SETTINGS


def test_compose_fits_its_schema() -> None:
    command = [found("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout


def test_kubernetes_fits_its_schema() -> None:
    command = [found("kubernetes-validate"), "--strict", "--quiet", str(KUBERNETES)]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout


def test_every_variable_is_a_setting() -> None:
    example = (ROOT / "deploy" / "hosho.env.example").read_text()
    names = set(re.findall(r"(?m)^([A-Z_]+)=", example))
    for service in IMAGES_OURS:
        names |= set(compose()["services"][service].get("environment", {}))
    for each in kubernetes():
        names |= set(each.get("data", {}))
    unknown = sorted(name for name in names - ENGINES_OWN if not known_setting(name))
    assert unknown == []


def test_every_secret_is_declared_and_only_migrating_and_erasing_hold_the_owner_s() -> None:
    services = compose()["services"]
    for name in IMAGES_OURS:
        service = services[name]
        files = {
            Path(value).name for key, value in service["environment"].items() if "_FILE" in key
        }
        assert files == set(service["secrets"]), name
        assert files <= set(compose()["secrets"])
        assert ("database_owner_url" in files) == (name in OWNERS)


def test_both_ways_run_the_same_commands() -> None:
    services = compose()["services"]
    pods = {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]["containers"][0].get("command")
        for each in kubernetes()
        if each["kind"] in ("Deployment", "Job")
    }
    ours = [name for name in IMAGES_OURS if name != "erase"]
    assert pods == {name: services[name].get("command") for name in ours}


def test_erasing_is_the_same_command_once_a_day_both_ways() -> None:
    (cron,) = [each["spec"] for each in kubernetes() if each["kind"] == "CronJob"]
    (pod,) = cron["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert (cron["schedule"], pod["command"]) == ("0 3 * * *", ["python", "manage.py", "erase"])
    shell = f"{shlex.join(pod['command'])} && sleep {24 * 60 * 60}"
    assert compose()["services"]["erase"]["command"] == ["sh", "-c", shell]
    owners = [
        each["metadata"]["name"] for each in kubernetes() if "hosho-owner" in yaml.safe_dump(each)
    ]
    assert owners == list(OWNERS)


@pytest.mark.parametrize("name", [n for n in IMAGES_OURS if n != "web"])
def test_each_command_exists(name: str) -> None:
    command = compose()["services"][name]["command"]
    steps = " ".join(command[2:]).split("&&") if command[0] == "sh" else [shlex.join(command)]
    for step in steps:
        words = shlex.split(step)
        if words[:2] == ["python", "manage.py"]:
            paths = list(ROOT.glob(f"*/management/commands/{words[2]}.py"))
            assert paths or words[2] == "migrate"
        else:
            assert words[0] in ("celery", "sleep")
    queues = re.search(r"-Q, (\w+)", ", ".join(command))
    assert queues is None or queues[1] in ("office", "sms", "email")


def test_the_image_holds_what_runs_and_no_tests() -> None:
    text = (ROOT / "Dockerfile").read_text()
    copied = set(re.findall(r"(?m)^COPY (\w+) \1$", text))
    assert copied == {
        "config",
        "coupons",
        "payouts",
        "applications",
        "templates",
        "static",
        "locale",
    }
    assert re.search(r"(?m)^USER hosho$", text)


def test_every_error_page_of_the_proxy_is_there() -> None:
    named = set(re.findall(r"/errors/(\d+)\.html", NGINX.read_text()))
    assert named == {path.stem for path in (ROOT / "deploy" / "nginx" / "errors").glob("*.html")}


def test_the_proxy_s_limits_are_the_application_s() -> None:
    text = NGINX.read_text()
    assert "client_max_body_size 64k;" in text
    assert "BODY_LIMIT = 64 * 1024" in SETTINGS
    assert "client_max_body_size 600m;" in text
    assert "default=600 * 1024 * 1024" in SETTINGS


@pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx on this machine")
def test_nginx_takes_the_file(tmp_path: Path) -> None:
    subprocess.run(
        shlex.split(
            "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=hosho.example"
            " -keyout privkey.pem -out fullchain.pem"
        ),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    text = NGINX.read_text().replace("server web:8000", "server 127.0.0.1:8000")
    text = text.replace("user nginx;", "")  # an account of the image
    text = text.replace("/etc/nginx/tls", str(tmp_path)).replace("/var/run", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(text)
    told = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("path", sorted((ROOT / "deploy").rglob("*.sh")), ids=lambda p: p.name)
def test_each_script_is_well_formed(path: Path) -> None:
    told = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
