"""The command's edges: ports, folders, secrets, the file that says where everything is."""

import json
import stat
from pathlib import Path

import pytest

from sluice_local import tasks
from sluice_local.channels import CHANNELS, SEEDED, WIDGET
from sluice_local.errors import AlreadyRunning, DidNotStart, LocalError, PortTaken
from sluice_local.facts import Facts
from sluice_local.guide import guide
from sluice_local.lock import only_one
from sluice_local.plan import SERVICES, emulator, migrate_env, seed_env, service_env
from sluice_local.secrets_file import Secrets, kept_secrets
from sluice_local.servers.nats import NatsServer
from sluice_local.servers.ports import check_free, free_port
from sluice_local.settings import LocalSettings
from sluice_local.stack_file import Seeded, SeededChannel, stack_file
from support.servers import folder
from widget_gateway.connect import LEAST_SECRET
from widget_gateway.site.config import parse

PRINTED = Seeded(
    workspace_id="w1",
    api_token="token-1",
    password="pw",
    channels=[
        SeededChannel(id=f"c{place}", type=one.type, account=one.account)
        for place, one in enumerate(SEEDED)
    ],
)


@pytest.fixture
def facts() -> Facts:
    return Facts(
        settings=LocalSettings(),
        secrets=Secrets(),
        nats_url="nats://sluice:n@127.0.0.1:4222",
        postgres_url="postgresql://postgres:super@127.0.0.1:5433/sluice",
        redis_url=None,
        files_url="file:///files",
    )


def test_secrets_are_kept_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = kept_secrets(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_secrets(path) == first
    assert first != Secrets()


def test_a_secret_added_later_is_made_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = kept_secrets(path)
    path.write_text(first.model_dump_json(exclude={"login_password"}))
    second = kept_secrets(path)
    assert second.login_password
    assert second.nats_password == first.nats_password


def test_a_broken_secrets_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"nats_password": 7}')
    with pytest.raises(LocalError, match="cannot be read as the secrets"):
        kept_secrets(path)
    assert path.read_text() == '{"nats_password": 7}'


def test_a_folder_holds_one_stack() -> None:
    with (
        folder() as path,
        only_one(path),
        pytest.raises(AlreadyRunning, match="a stack runs in"),
        only_one(path),
    ):
        pass


def test_a_taken_port_is_named_with_its_setting(nats_server: NatsServer) -> None:
    port = nats_server.port
    with pytest.raises(PortTaken, match=f"port {port} .* set SLUICE_LOCAL_NATS_PORT"):
        check_free(port, "SLUICE_LOCAL_NATS_PORT")


def test_free_ports_are_never_the_same() -> None:
    assert len({free_port() for _ in range(50)}) == 50


def test_services_get_what_they_need_and_no_superuser(facts: Facts) -> None:
    for row in SERVICES:
        env = service_env(row, facts)
        assert env["SLUICE_NATS_URL"] == facts.nats_url
        assert env["SLUICE_HTTP_PORT"] == str(row.port(facts.settings))
        assert not [value for value in env.values() if "super" in value]
    core = service_env(next(row for row in SERVICES if row.name == "inbox-core"), facts)
    assert core["SLUICE_POSTGRES_API_URL"] == (
        f"postgresql://sluice_api:{facts.secrets.db_api_password}@127.0.0.1:5433/sluice"
    )
    assert "SLUICE_REDIS_URL" not in core
    assert migrate_env(facts)["SLUICE_POSTGRES_ADMIN_URL"] == facts.postgres_url


def test_the_emulator_knows_the_accounts_that_are_seeded_and_no_argument_tells_a_token(
    facts: Facts, tmp_path: Path
) -> None:
    program = emulator(facts, tmp_path).program
    accounts = json.loads(program.env["SLUICE_EMULATOR_ACCOUNTS"])
    seeds = json.loads(seed_env(facts)["SLUICE_SEED_CHANNELS"])
    assert [(one["id"], one["token"]) for one in accounts] == [
        (one["account"], one["secret"]) for one in seeds if one["type"] != WIDGET.type
    ]
    assert len({one["token"] for one in accounts}) == len(CHANNELS)
    told = " ".join(program.argv)
    assert not [one for one in accounts if one["token"] in told]
    for channel in CHANNELS:
        assert f"{channel.object}={channel.webhook_url(facts)}" in program.argv


def test_the_widget_is_seeded_so_that_its_gateway_takes_it(facts: Facts) -> None:
    seeds = json.loads(seed_env(facts)["SLUICE_SEED_CHANNELS"])
    seed = next(one for one in seeds if one["type"] == WIDGET.type)
    site = parse(seed["config"])
    assert all(site.origins.allow(origin) for origin in facts.site_origins)
    assert len(seed["secret"]) >= LEAST_SECRET


def test_the_stack_file_has_its_shape(facts: Facts) -> None:
    file = json.loads(stack_file(facts, PRINTED, {"nats": 7}).model_dump_json())
    assert file["services"] == {
        "ingest-whatsapp": {"url": "http://127.0.0.1:8081", "admin_url": "http://127.0.0.1:9081"},
        "ingest-meta": {"url": "http://127.0.0.1:8082", "admin_url": "http://127.0.0.1:9082"},
        "widget-gateway": {"url": "http://127.0.0.1:8083", "admin_url": "http://127.0.0.1:9083"},
        "inbox-core": {"url": "http://127.0.0.1:8080", "admin_url": "http://127.0.0.1:9080"},
    }
    assert file["emulator"] == {
        "url": "http://127.0.0.1:8090",
        "app_secret": facts.secrets.meta_app_secret,
        "verify_token": facts.secrets.meta_verify_token,
    }
    assert file["channels"]["instagram"] == {
        "id": "c2",
        "type": "instagram",
        "account": "17841400000000001",
        "object": "instagram",
        "webhook_url": "http://127.0.0.1:8082/webhooks/meta",
    }
    assert file["widget"] == {
        "id": "c3",
        "type": "widget",
        "account": "demo-site",
        "url": "http://127.0.0.1:8083",
        "origin": "http://127.0.0.1:8091",
        "secret": facts.secrets.widget_secret,
        "pages": {"shop": "http://127.0.0.1:8091/", "right-to-left": "http://127.0.0.1:8091/rtl"},
    }
    assert file["login"] == {"email": "demo@sluice.example", "password": "pw"}
    assert file["workspace_id"] == "w1"
    assert file["api_token"] == "token-1"
    assert file["nats_url"] == facts.nats_url
    assert file["postgres_url"] == facts.postgres_url
    assert file["redis_url"] is None
    assert file["processes"] == {"nats": 7}


def test_the_guide_has_every_address_and_lines_to_paste(facts: Facts) -> None:
    stack = stack_file(facts, PRINTED, {})
    text = "\n".join(guide(stack, "python", Path("stack.json")))
    for address in (stack.emulator.url, stack.nats_url, stack.postgres_url):
        assert address in text
    for channel in stack.channels.values():
        assert f"{channel.type} webhook" in text
        assert channel.webhook_url in text
        assert f"--object {channel.object} --account {channel.account}" in text
    for page in stack.widget.pages.values():
        assert page in text
    assert "/v1/docs" in text
    assert "demo@sluice.example / pw" in text
    assert text.count("curl -s") == 4
    assert "python -m sluice_local.watch" in text


def test_a_command_that_fails_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(
        DidNotStart, match=r"(?s)sluice-vault nonsense failed \(2\)\n.*invalid choice"
    ):
        tasks.run("sluice-vault", "nonsense", env={}, log=tmp_path / "log")
    with pytest.raises(LocalError, match="make setup"):
        tasks.run("no-such-command", env={}, log=tmp_path / "log")


def test_what_the_seed_did_not_print_is_named() -> None:
    with pytest.raises(DidNotStart, match="did not print workspace_id, api_token"):
        tasks.seeded("{}")
