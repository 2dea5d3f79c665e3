"""The cloud's metadata: a passing failure is asked again, one that stays is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eptura_scim.graph.client import connect
from eptura_scim.graph.errors import ReplyError, UnreachableError
from eptura_scim.local_entra import Fault, LocalEntra


@pytest.fixture(scope="module")
def served() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        yield started


@pytest.fixture
def entra(served: LocalEntra) -> LocalEntra:
    served.faults.clear()
    served.calls.clear()
    return served


@pytest.mark.parametrize(
    "fault",
    [Fault(status=429), Fault(status=503), Fault(kind="reset"), Fault(kind="truncate")],
    ids=["throttled", "unavailable", "cut", "truncated"],
)
async def test_metadata_that_fail_for_a_moment_are_asked_again(entra: LocalEntra, fault: Fault) -> None:
    entra.faults.add(fault.model_copy(update={"path": "^/metadata/"}))
    client = await connect(entra.environment)
    assert client.cloud.graph == entra.url
    assert [call.user_agent.split()[0] for call in entra.calls] == ["eptura-scim"] * 2
    await client.close()


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        (Fault(status=403), UnreachableError, r"ARM_METADATA_HOSTNAME: https://localhost:\d+/metadata/\S+ answers 403"),
        (Fault(kind="garble"), ReplyError, "does not describe a cloud"),
    ],
    ids=["refused", "no JSON"],
)
async def test_metadata_that_cannot_be_had_are_named(
    entra: LocalEntra, fault: Fault, error: type[Exception], said: str
) -> None:
    entra.faults.add(fault.model_copy(update={"path": "^/metadata/"}))
    with pytest.raises(error, match=said):
        await connect(entra.environment)
