"""The connection to a Dask scheduler: work on many machines (extra `cluster`)."""

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from crawler.errors import InputError, not_installed

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 8


def connect(address: str) -> "Client":
    """Return a client of the scheduler at `address`; print where its dashboard is.

    InputError if distributed is not installed, or no scheduler answers there within seconds.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise not_installed("--scheduler", error, "cluster") from None
    try:
        # a client that waits in vain would complain for long when the program ends
        asyncio.run(asyncio.wait_for(_greet(address), CONNECT_SECONDS))
        client = Client(address, set_as_default=False)
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # of a scheduler gone
    except (ValueError, OSError) as error:
        reason = str(error) or f"no Dask scheduler answers there within {CONNECT_SECONDS} s"
        raise InputError(f"--scheduler {address}: {reason}") from None
    print(f"dashboard: {client.dashboard_link}", file=sys.stderr)
    return client


def workers_at(address: str) -> "Client":
    """Return a client of a scheduler whose workers make what this program makes.

    InputError for a worker of another version: its texts would differ for no reason of a policy's.
    (One that comes later refuses its tasks.) Waits for the first worker.
    """
    client = connect(address)
    from pipelines.shards.shard_jobs import maker_in_task  # what these need is installed
    from pipelines.shards.text_shards import maker

    here = maker()
    if not client.nthreads():
        print("no worker has come yet; waiting for one", file=sys.stderr)
        client.wait_for_workers(1)
    for worker, theirs in client.run(maker_in_task, on_error="return").items():
        if theirs != here and not isinstance(theirs, OSError):  # of one that is gone: it comes back
            raise InputError(
                f"--scheduler {address}: the worker {worker} has {theirs}, and here is {here}"
            )
    return client


async def _greet(address: str) -> None:
    """Connect once, as every Dask process does to another."""
    from distributed.comm import connect
    from distributed.security import Security

    comm = await connect(address, **Security().get_connection_args("client"))
    await comm.close()
