"""`scrapy browse`: the corpus in a browser."""

import logging
import socket
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.errors import InputError, not_installed

if TYPE_CHECKING:
    import argparse


class Command(command.Command):
    """Serves pages of the corpus until it is stopped."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "[--port PORT] [--host HOST] [--no-open]"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Look at the corpus in a browser"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            "Serves the corpus on this machine and opens it in a browser, also while a crawl runs; "
            "reads only. Ctrl-C ends it."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add("--port", type=int, default=8480, help="default: 8480; 0 takes a free one")
        add("--host", default="127.0.0.1", help="whom to listen to (default: this machine only)")
        add("--no-open", action="store_true", help="do not open a browser")

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Serve until somebody stops it."""
        assert self.settings is not None
        if args:
            raise UsageError("browse takes no names", print_help=False)
        if not 0 <= opts.port <= 65535:
            raise InputError(f"--port {opts.port}: not from 0 to 65535")
        try:
            import uvicorn

            from pipelines.browse.app import make_app
            from pipelines.browse.shelf import Shelf
        except ModuleNotFoundError as error:
            raise not_installed("browse", error, "browse") from None
        shelf = Shelf(Path(self.settings["DUCKDB_PATH"]))
        app = make_app(shelf, self.settings.getint("ATOM_ENTRIES"), opts.host)
        config = uvicorn.Config(app, opts.host, opts.port, log_level=logging.WARNING)
        try:
            listening = config.bind_socket()
        except SystemExit:
            raise InputError(
                f"--host {opts.host} --port {opts.port}: cannot listen there"
            ) from None
        # else the second part of a page waits for the browser to confirm the first, 40 ms
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.listen()  # who comes before the server is up waits
        host = f"[{opts.host}]" if ":" in opts.host else opts.host
        address = f"http://{host}:{listening.getsockname()[1]}/"
        print(f"{address}  (Ctrl-C ends it)", flush=True)
        if not opts.no_open:
            webbrowser.open(address)
        uvicorn.Server(config).run(sockets=[listening])
