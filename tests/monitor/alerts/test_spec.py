"""What the words of alerts refuse, and secrets that may not stand in the spec."""

from typing import Any

import pytest
from pydantic import ValidationError

from mlpipe.monitor.alerts.misfits import misfits
from mlpipe.monitor.alerts.spec import Alerts, Webhook


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"webhook": {}},
        {"webhook": {"url": "ftp://example.org/x"}},
        {"webhook": {"url": "example.org/x"}},
        {"webhook": {"url": "https://exa mple.org"}},
        {"webhook": {"url": "https://"}},
        {"webhook": {"url": "https://example.org", "on": "error"}},
        {"webhook": {"url": "https://example.org", "timeout": "6m"}},
        {"webhook": {"url": "https://example.org", "timeout": "0s"}},
        {"webhook": {"url": "https://example.org", "timeout": 10}},
        {"webhook": {"url": "https://example.org", "retries": 11}},
        {"webhook": {"url": "https://example.org", "headers": {"a b": "c"}}},
        {"prometheus": "metrics/churn.txt"},
        {"prometheus": "metrics/.prom"},
    ],
)
def test_it_refuses(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Alerts.read(values)


def test_a_secret_is_taken_as_it_stands() -> None:
    webhook = Webhook.read({"url": "${secret:HOOK}"})
    assert (webhook.on, webhook.seconds, webhook.retries) == ("alert", 10.0, 3)
    assert webhook.allow_private is False


@pytest.mark.parametrize(
    ("webhook", "place"),
    [
        ({"url": "https://me:pw@example.org"}, ("webhook", "url")),
        ({"url": "https://example.org/?token=abc"}, ("webhook", "url")),
        ({"url": "https://h.example/services/T024BE7LD/xyz1abcdefghijklmnopq"}, ("webhook", "url")),
        (
            {"url": "https://example.org", "headers": {"Authorization": "Bearer abc"}},
            ("webhook", "headers", "Authorization"),
        ),
        (
            {"url": "https://example.org", "headers": {"X-Api-Key": "abc"}},
            ("webhook", "headers", "X-Api-Key"),
        ),
    ],
)
def test_a_secret_in_clear_is_named_and_not_repeated(
    webhook: dict[str, Any], place: tuple[str, ...]
) -> None:
    ((at, message, hint),) = misfits(Alerts.read({"webhook": webhook}), {})
    assert at == place
    for secret in ("pw", "abc", "xyz1"):
        assert secret not in f"{message} {hint}"


@pytest.mark.parametrize(
    "webhook",
    [
        {"url": "${secret:HOOK}", "headers": {"Authorization": "Bearer ${secret:TOKEN}"}},
        {"url": "https://example.org/monitoring/alerts-of-the-churn-model"},
        {"url": "https://hooks.example.org/T024BE7LD/${secret:KEY}"},
    ],
)
def test_what_is_no_secret_passes(webhook: dict[str, Any]) -> None:
    assert not list(misfits(Alerts.read({"webhook": webhook}), {}))
