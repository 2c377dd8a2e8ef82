#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page at / in a headless Chromium, on a running cinderblockd.

    page.py --daemon .build/release/cinderblockd [--screenshots DIR] [--keep]

Needs Debian's chromium and Python's standard library. Prints a line per check
and, as the last line, "N passed, M failed".
"""
import argparse
import os
import sys

from browser import Browser
from checks import MIB, Checks
from daemon import Daemon
from page_flow import PageFlow
from page_looks import PageLooks
from unix_proxy import UnixProxy
from scratch import scratch_directory


def play(daemon, browser, checks, screenshots):
    flow = PageFlow(daemon, browser, checks)
    looks = PageLooks(daemon, browser, checks, screenshots)
    for step in (
            flow.ask_for_the_token, flow.back_up_with_the_mouse, flow.increment_with_the_keyboard, flow.filter_and_sort,
            looks.take, flow.show_names_as_they_are, flow.restore_to_new, flow.back_up_what_is_in_use, flow.cancel,
            flow.delete, flow.tell_what_failed):
        checks.scenario(step.__name__.replace("_", " "), step)
    checks.equal("the console has nothing to complain of", [], browser.complaints)
    checks.equal("the page asks nobody but its daemon", set(), {
        url for _, url in browser.requests if not url.startswith((daemon.url, "data:", "about:"))})
    checks.check("the token is in no URL", not any(daemon.token in url for _, url in browser.requests))
    checks.scenario("no token on a unix socket", flow.need_no_token_on_a_unix_socket, UnixProxy(daemon.socket))
    checks.equal("the console has still nothing to complain of", [], browser.complaints)
    checks.scenario("refuse what is put in", flow.refuse_what_is_put_in)
    # What a browser says of a refusal, or of a daemon that is not there, is no complaint about the page.
    checks.scenario("explain a refusal", flow.explain_a_refusal)
    checks.scenario("come back with the daemon", flow.come_back_with_the_daemon)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daemon", required=True, help="the cinderblockd to test")
    parser.add_argument("--screenshots", metavar="DIR", help="where to put pictures of the page")
    parser.add_argument("--keep", action="store_true", help="leave the temporary directory")
    options = parser.parse_args()

    checks, daemon, browser = Checks(), None, None
    if options.screenshots:
        os.makedirs(options.screenshots, exist_ok=True)
    with scratch_directory("page", options.keep) as directory:
        try:
            # Slow to pack, and with memory for one chunk at a time, so that there is something to see on any machine.
            daemon = Daemon(
                options.daemon, os.path.join(directory, "daemon"), compression="bz2", memory=4 * MIB, auth="token")
            daemon.url = f"http://127.0.0.1:{daemon.port}/"
            browser = Browser(os.path.join(directory, "chromium"))
            play(daemon, browser, checks, options.screenshots)
            if checks.failed:
                print(daemon.last_log_lines())
        except Exception as error:
            checks.check("the run", False, f"{type(error).__name__}: {error}")
        finally:
            for one in (browser and browser.close, daemon and daemon.stop):
                if one:
                    one()
    print(checks.summary())
    return checks.exit_status


if __name__ == "__main__":
    sys.exit(main())
