# SPDX-License-Identifier: Apache-2.0
"""Ways in: the forms of the endpoint, the kinds of login, the versions."""
from client_programs import Programs
from client_scenario import Scenario


class TokenAccess(Scenario):
    """A daemon that wants its token."""

    def run(self):
        backup = self.make("full1")
        for endpoint in ("/v3", "/v3/p", "/v3/"):
            programs = Programs(self.directory, self.daemon, self.checks, endpoint)
            programs.cinder("backup-list").lists("ID", [backup])
            programs.cinder("backup-update", "--name", "n" + endpoint, backup)
            self.has(f"backup-update at {endpoint}", self.backup(backup), name="n" + endpoint)
            programs.openstack("volume", "backup", "list").lists("ID", [backup])
            programs.openstack("volume", "backup", "show", "n" + endpoint).shows(id=backup)
        host = Programs(self.directory, self.daemon, self.checks, endpoint="")
        host.openstack("volume", "backup", "list").lists("ID", [backup])

        self.cinder("backup-list", user="wrong", fails="(HTTP 401)")
        self.cinder("backup-delete", backup, user=self.daemon.token[:-1], fails="(HTTP 401)")
        self.openstack("volume", "backup", "list", token="wrong", fails="401")
        self.openstack("volume", "backup", "delete", backup, token="wrong", fails="401")
        untold = Programs(self.directory, self.daemon, self.checks)
        untold.token = None  # so that openstack sends "notused", and cinder "u:p"
        untold.openstack("volume", "backup", "list", fails="401")
        untold.cinder("backup-list", fails="(HTTP 401)")
        self.has("who has no token changes nothing", self.backup(backup), status="available")


class OpenAccess(Scenario):
    """A daemon with `auth: none`, and every version."""

    auth = "none"

    def run(self):
        backup = self.make("full1")
        self.cinder("backup-list").lists("ID", [backup])
        self.openstack("volume", "backup", "list").lists("ID", [backup])
        self.openstack("volume", "backup", "list", token="anything").lists("ID", [backup])

        for version in ("3.0", "3.45", "3.64", "3.71"):
            options = ["--os-volume-api-version", version]
            self.cinder("backup-list", options=options).lists("ID", [backup])
            self.cinder("backup-show", backup, options=options).shows(id=backup)
            self.openstack("volume", "backup", "show", backup, options=options).shows(id=backup)
        # More than the daemon has: cinder asks for what there is, and says so.
        newest = self.cinder("backup-list", options=["--os-volume-api-version", "3.99"])
        newest.lists("ID", [backup]).says("downgrading to 3.71 based on server support.")
        # openstack says so, too, and stops.
        self.openstack("volume", "backup", "list", options=["--os-volume-api-version", "3.99"],
                       fails="the cloud only supports a minimum of 3.0 and a maximum of 3.71")
        self.openstack("volume", "backup", "set", "--name", "x", backup, options=["--os-volume-api-version", "3.0"],
                       fails="3.9 or greater is required")
        self.cinder("version-list").lists("Id", ["v3.0"]).says("3.71")
        # A bug of the client (keystoneauth1 5.18.1): with this login it gives up before it asks anybody.
        unversioned = self.openstack("versions", "show", "--service", "volume", fails="")
        self.checks.equal("openstack versions show (client bug): shows nothing", "", unversioned.out.strip())
