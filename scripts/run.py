"""Run Tulen here: database, chain, parties, the story, then API and page until Ctrl-C."""

import argparse
import sys

from machine import Interrupts, alone

INTERRUPTED = 130


def main() -> int:
    """Run; return the exit code."""
    arguments = _arguments()
    interrupts = Interrupts()
    interrupts.install()
    run = None
    try:
        # Only now, since it takes long: from here on an interrupt is a quiet end.
        from running import FAILURES, Run, forget, home_folder, log_to  # noqa: PLC0415

        try:
            home = home_folder()
            with alone(home) as lock:
                if arguments.fresh:
                    forget(home, interrupts)
                log_to(home / "run.log")
                run = Run(home, arguments.port, lock=lock, interrupts=interrupts)
                run(once=arguments.once)
        except FAILURES as error:
            interrupts.ignore()
            print(f"cannot go on: {error}", flush=True)
            return 1
        interrupts.ignore()
    except KeyboardInterrupt:
        print("\nstopped", flush=True)
        return 0 if run is not None and run.serving else INTERRUPTED
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./scripts/run", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the story")
    parser.add_argument("--fresh", action="store_true", help="begin with nothing")
    parser.add_argument("--port", type=_port, default=8000, help="port of API and page")
    return parser.parse_args()


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 1 << 16:
        raise argparse.ArgumentTypeError(f"{port} is not a port: 1 to 65535")
    return port


if __name__ == "__main__":
    sys.exit(main())
