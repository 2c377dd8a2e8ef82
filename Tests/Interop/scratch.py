# SPDX-License-Identifier: Apache-2.0
"""A directory for one run of a test script."""
import contextlib
import shutil
import signal
import sys
import tempfile


@contextlib.contextmanager
def scratch_directory(name, keep):
    """Gone at the end, however that comes, SIGTERM included; unless it is to be kept."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = tempfile.mkdtemp(prefix=f"cinderblock-{name}-")
    try:
        yield directory
    finally:
        if keep:
            print(f"     kept {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)
