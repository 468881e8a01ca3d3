"""Opening a store: what a URL may be, and what a refusal says."""

from pathlib import Path

import pytest

from filestore.opening import open_store

SECRET = "wJalrXUtnFEMI"
S3 = {"region": "us-east-1", "access_key_id": "AKIA", "secret_access_key": SECRET}


def test_a_folder_is_made_by_path_or_url(tmp_path: Path) -> None:
    open_store(str(tmp_path / "a" / "b"))
    open_store(f"file://{tmp_path}/with%20blank")
    assert (tmp_path / "a" / "b").is_dir()
    assert (tmp_path / "with blank").is_dir()


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("s3://bucket", S3),
        ("s3://bucket/some/prefix", S3 | {"endpoint": "http://127.0.0.1:9", "allow_http": "true"}),
        ("s3://bucket", {f"aws_{name}": value for name, value in S3.items()}),
        ("s3://bucket", S3 | {"aws_allow_http": "yes", "AWS_TIMEOUT": "60s"}),
        ("gs://bucket/prefix", {"skip_signature": "true"}),
        ("az://account/container", {"account_name": "account", "account_key": "c2VjcmV0"}),
        ("memory:///", {}),
    ],
)
def test_a_store_is_opened_without_asking_it(url: str, options: dict[str, str]) -> None:
    open_store(url, options)


@pytest.mark.parametrize(
    ("url", "options", "says"),
    [
        ("", {}, "empty"),
        ("  ", {}, "empty"),
        ("ftp://host/x", {}, "'ftp'"),
        ("https://bucket.s3.amazonaws.com/x", {}, "'https'"),
        ("file://host/x", {}, "three slashes"),
        ("s3://", S3, "s3 cannot be opened"),
        ("s3://bucket", S3 | {"nonsense": "x"}, "nonsense"),
        ("s3://bucket", S3 | {"timeout": "soon"}, "s3 cannot be opened"),
        (f"s3://key:{SECRET}@bucket/x", {}, "credentials"),
        ("az://account/container?sig=" + SECRET, {"nonsense": SECRET}, "az cannot be opened"),
        ("memory:///", {"region": "x"}, "take options"),
        ("/dev/null/x", {}, "cannot be used"),
        ("/dev/null", {}, "cannot be used"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_no_secret(
    url: str, options: dict[str, str], says: str
) -> None:
    with pytest.raises(ValueError, match="file store") as refused:
        open_store(url, options)
    assert says in str(refused.value)
    assert SECRET not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_memory_is_not_shared() -> None:
    assert open_store("memory:///") is not open_store("memory:///")
