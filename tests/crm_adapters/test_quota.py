"""What each vendor says of the calls we have left, as its documents show it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from crm_adapters.answers import Answer
from crm_adapters.quota import (
    Quota,
    ReadQuotas,
    read_dynamics365,
    read_hubspot,
    read_pipedrive,
    read_ratelimit,
    read_salesforce,
    read_shopify,
    zoho_reader,
)

HUBSPOT = {
    "x-hubspot-ratelimit-max": "190",
    "x-hubspot-ratelimit-remaining": "189",
    "x-hubspot-ratelimit-interval-milliseconds": "10000",
}
PIPEDRIVE = {"x-ratelimit-limit": "40", "x-ratelimit-remaining": "39", "x-ratelimit-reset": "2"}
DAILY = {"x-daily-ratelimit-token-limit": "30000", "x-daily-ratelimit-token-remaining": "29990"}
READERS = [
    read_dynamics365,
    read_hubspot,
    read_pipedrive,
    read_ratelimit,
    read_salesforce,
    read_shopify,
    zoho_reader(1),
]


def answer(headers: dict[str, str], body: bytes = b"{}") -> Answer:
    return Answer(200, CaseInsensitiveDict(headers), body)


@pytest.mark.parametrize(
    ("read", "headers", "quotas"),
    [
        (read_hubspot, HUBSPOT, (Quota("window", 189, 190, 10),)),
        (
            read_hubspot,
            HUBSPOT
            | {"X-HubSpot-RateLimit-Daily": "250000", "X-HubSpot-RateLimit-Daily-Remaining": "249000"},
            (Quota("window", 189, 190, 10), Quota("daily", 249_000, 250_000)),
        ),
        (read_salesforce, {"Sforce-Limit-Info": "api-usage=18/5000"}, (Quota("api-usage", 4982, 5000),)),
        (
            read_salesforce,
            {"Sforce-Limit-Info": "api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)"},
            (Quota("api-usage", 4975, 5000), Quota("per-app-api-usage", 233, 250)),
        ),
        (read_ratelimit, PIPEDRIVE, (Quota("window", 39, 40, 2),)),
        (read_pipedrive, PIPEDRIVE | DAILY, (Quota("window", 39, 40, 2), Quota("daily", 29_990, 30_000))),
        (zoho_reader(50_000), {"X-API-CREDITS-REMAINING": "24000"}, (Quota("credits", 24_000, 50_000),)),
        (
            read_dynamics365,
            {
                "x-ms-ratelimit-burst-remaining-xrm-requests": "5999",
                "x-ms-ratelimit-time-remaining-xrm-requests": "1,199.76",
            },
            (Quota("calls", 5999, 6000, 60), Quota("work", 1199.76, 1200, 60)),
        ),
    ],
)
def test_headers_come_in_one_form(
    read: ReadQuotas, headers: dict[str, str], quotas: tuple[Quota, ...]
) -> None:
    assert read(answer(headers)) == quotas


def test_shopify_says_it_in_the_body() -> None:
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": 1500, "restoreRate": 100.0}
    body = {"data": {}, "extensions": {"cost": {"throttleStatus": status}}}
    assert read_shopify(answer({}, json.dumps(body).encode())) == (Quota("points", 1500, 2000, 5),)


@pytest.mark.parametrize("read", READERS)
def test_an_answer_without_them_says_nothing(read: ReadQuotas) -> None:
    for body in (b"", b"[]", b'{"extensions": null}', b'{"extensions": {"cost": {"throttleStatus": {}}}}'):
        assert read(answer({}, body)) == ()


@given(st.text(), st.sampled_from(READERS))
def test_nonsense_does_no_harm(text: str, read: ReadQuotas) -> None:
    names = [*HUBSPOT, *PIPEDRIVE, *DAILY, "Sforce-Limit-Info", "X-API-CREDITS-REMAINING"]
    for quota in read(answer(dict.fromkeys(names, text), text.encode())):
        assert quota.remaining < float("inf")
