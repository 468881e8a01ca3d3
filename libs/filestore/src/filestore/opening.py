"""Opening a store by its URL. Called once by a service's `main()` with what its settings say.

| URL                           | What                                                     |
| ----------------------------- | -------------------------------------------------------- |
| `file:///path`, `/path`, `p`  | a folder, made if absent                                 |
| `s3://bucket/prefix`          | S3 or whatever speaks it: option `endpoint`              |
| `gs://bucket/prefix`          | Google Cloud Storage                                     |
| `az://account/container/path` | Azure Blob Storage                                       |
| `memory:///`                  | the shipped fake: this process, until it ends            |

Options are obstore's, by name (`endpoint`, `region`, `access_key_id`, `secret_access_key`, …); what
they leave out is taken from the cloud's own environment and identity, as its tools do.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, from_url

from filestore.places import Bucket, Folder, prepare_folder, sweep_staging
from filestore.store import FileStore

CLOUDS = frozenset({"s3", "gs", "az"})

CLIENT_DEFAULTS: dict[str, Any] = {
    "connect_timeout": "5s",
    "read_timeout": "30s",
    "timeout": "600s",  # of a whole request, its body with it: the largest file on a slow line
}
CLIENT_OPTIONS = frozenset(
    {
        *CLIENT_DEFAULTS,
        "allow_http",
        "proxy_url",
        "proxy_excludes",
        "root_certificate",
        "http1_only",
    }
)
"""Options of the connection. obstore wants them apart, and dies when they are not."""

FLAGS = frozenset({"allow_http", "http1_only"})

RETRIES: dict[str, Any] = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
"""Short: whoever calls has its own way to try again later."""

PROVIDER = re.compile(r"(?:aws|google|azure)_")


class _Options(NamedTuple):
    store: dict[str, Any]
    client: dict[str, Any]


def open_store(url: str, options: Mapping[str, str] | None = None) -> FileStore:
    """The store at the URL; a folder is created and swept, a cloud is not asked yet.

    Raises ValueError that says what is wrong. It quotes neither URL nor options: both may hold
    secrets.
    """
    if not url.strip():
        raise ValueError("file store: the URL is empty")
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ValueError("file store: credentials belong into the options, not into the URL")
    if parts.scheme in CLOUDS:
        return _open_cloud(url, parts.scheme, options or {})
    if options:
        raise ValueError("file store: only s3, gs and az take options")
    if parts.scheme == "memory":
        memory = MemoryStore()
        return FileStore(memory, Bucket(memory))
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"}:
            raise ValueError("file store: a file URL has three slashes: file:///path")
        return _open_folder(Path(unquote(parts.path)))
    if parts.scheme:
        raise ValueError(f"file store: no store is called {parts.scheme!r}")
    return _open_folder(Path(url))


def _open_folder(root: Path) -> FileStore:
    try:
        root = root.expanduser().resolve()
        prepare_folder(root)
        sweep_staging(root)
        store = LocalStore(root)
    except (OSError, RuntimeError, BaseError) as error:
        raise ValueError(f"file store: the folder cannot be used: {_first_line(error)}") from None
    return FileStore(store, Folder(root, store))


def _open_cloud(url: str, scheme: str, options: Mapping[str, str]) -> FileStore:
    sorted_out = _sort_out(options)
    try:
        store = from_url(
            url,
            config=sorted_out.store,  # type: ignore[call-overload] # keys are the setting's
            client_options=sorted_out.client,
            retry_config=RETRIES,
        )
    except (BaseError, ValueError, TypeError) as error:
        reason = _first_line(error).replace(url, "the URL")
        raise ValueError(f"file store: {scheme} cannot be opened: {reason}") from None
    return FileStore(store, Bucket(store))


def _sort_out(options: Mapping[str, str]) -> _Options:
    store: dict[str, Any] = {}
    client: dict[str, Any] = dict(CLIENT_DEFAULTS)
    for name, value in options.items():
        short = PROVIDER.sub("", name.lower(), count=1)
        if short in FLAGS:
            client[short] = value.strip().lower() in {"1", "true", "yes", "on"}
        elif short in CLIENT_OPTIONS:
            client[short] = value
        else:
            store[name] = value
    return _Options(store, client)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
