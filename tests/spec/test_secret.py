"""What is masked, and what is not."""

import pytest

from mlpipe.errors import SpecError
from mlpipe.spec.secret import is_secret, mask, reveal


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://me:p:w@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("see https://a:b@c and s3://k:v@d", "see https://a:***@c and s3://k:***@d"),
        ("redis://:pw@host", "redis://:***@host"),
        ("http://h/?x=1&api_key=abc&y=2", "http://h/?x=1&api_key=***&y=2"),
        ("host=h password=pw user=u", "host=h password=*** user=u"),
        ("http://host:80/a@b", "http://host:80/a@b"),
        ("me@example.com", "me@example.com"),
        ("select * from t where token > 3", "select * from t where token > 3"),
    ],
)
def test_passwords_in_texts(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


def test_values_under_the_names_of_secrets() -> None:
    value = {
        "api_key": "a",
        "tracking": [{"Token": "b", "token": None, "secret": "${secret:X}"}],
        "password": 123,
        "aws.access-key": ["a", "b"],
        "credentials": {"user": "u", "password": "x"},
        "max_tokens": 5,
        "key": ["id"],
    }
    assert mask(value) == {
        "api_key": "***",
        "tracking": [{"Token": "***", "token": None, "secret": "${secret:X}"}],
        "password": "***",
        "aws.access-key": ["***", "***"],
        "credentials": {"user": "u", "password": "***"},
        "max_tokens": 5,
        "key": ["id"],
    }
    assert value["api_key"] == "a"


@pytest.mark.parametrize("key", ["key", "keys", "tokenizer", "token_pattern", "pass", "secretary"])
def test_names_that_hold_no_secret(key: str) -> None:
    assert not is_secret(key)


def test_reveal_puts_secrets_in_and_refuses_those_undefined() -> None:
    assert reveal("a:${secret:X}@${secret:Y}", {"X": "1", "Y": "${secret:X}"}) == "a:1@${secret:X}"
    assert reveal("$${secret:X}", {"X": "1"}) == "${secret:X}"
    with pytest.raises(SpecError) as caught:
        reveal("${secret:NO}", {})
    assert str(caught.value) == "${secret:NO}: the secret NO is not defined"
