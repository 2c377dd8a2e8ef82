# SPDX-License-Identifier: Apache-2.0
"""Lists of backups: filters, pages, order and counts."""
from client_scenario import Scenario


class Lists(Scenario):
    def run(self):
        self.old, self.middle, self.new = [self.make(name) for name in ("old", "middle", "new")]
        other = self.daemon.manage(self.new_image("other"))
        self.foreign = self.daemon.backup(other)["id"]
        self.newest_first = [self.foreign, self.new, self.middle, self.old]
        self.daemon.request("POST", f"/backups/{self.old}/action", {"os-reset_status": {"status": "error"}})
        self.cinder_lists()
        self.openstack_lists(other)
        self.raw_pages()

    def cinder_lists(self):
        def lists(expected, *arguments, **options):
            return self.cinder("backup-list", *arguments, **options).lists("ID", expected)

        in_order = sorted(self.newest_first)  # the client sorts by its first column when it is not asked to sort
        lists(in_order)
        lists(in_order, "--all-tenants")
        lists(sorted(self.newest_first[:2]), "--limit", "2")
        lists([], "--limit", "0")
        lists(self.newest_first, "--sort", "created_at:desc")
        lists(self.newest_first[::-1], "--sort", "created_at:asc")
        lists([self.foreign, self.middle, self.new, self.old], "--sort", "name:asc")
        lists([self.middle, self.old], "--marker", self.new, "--sort", "created_at:desc,name")
        lists([], "--marker", self.old, "--sort", "created_at:desc,name")
        lists([self.new], "--all-tenants", "--name", "new", "--status", "available", "--volume-id", self.VOLUME)
        lists([self.old], "--status", "error")
        owner = self.backup(self.new)["user_id"]
        lists([self.new], "--all-tenants", "--name", "new", "--status", "available", "--volume-id", self.VOLUME,
              "--filters", f"user_id={owner}", "--with-count").says("Backup in total: 1")
        lists([], "--filters", "user_id=u", "--with-count").says("Backup in total: 0")
        lists([self.foreign], "--limit", "1", "--with-count").says("Backup in total: 4")
        lists([self.middle], "--filters", "name~=iddl")
        self.cinder("backup-list", "--filters", "colour=red", fails='"colour" is unknown here. (HTTP 400)')
        self.cinder("backup-list", "--marker", "44444444-4444-4444-8444-444444444444", fails="(HTTP 404)")
        self.cinder("backup-list", "--sort", "colour", fails="sort")

    def openstack_lists(self, other):
        def lists(expected, *arguments):
            return self.openstack("volume", "backup", "list", *arguments).lists("ID", expected)

        lists(self.newest_first)
        # A page each, until one is empty.
        pages = lists(self.newest_first, "--long", "--limit", "1")
        self.checks.equal("backup list --long: the volumes' names", ["other", "vol1", "vol1", "vol1"],
                          pages.column("Volume"))
        lists(self.newest_first, "--limit", "4")
        lists(self.newest_first[:3], "--limit", "1", "--max-items", "3")
        lists([self.new], "--name", "new", "--status", "available", "--volume", self.VOLUME, "--all-projects")
        lists([self.foreign], "--volume", "other")
        lists([], "--name", "new", "--volume", "other")
        lists([self.middle, self.old], "--marker", "new")

    def raw_pages(self):
        """What the openstack client reads page by page."""
        path, seen = "/v3/p/backups/detail?limit=1&all_tenants=False", []
        while True:
            page = self.daemon.request("GET", path)
            if not page["backups"]:
                break
            seen += [backup["id"] for backup in page["backups"]]
            href = page["backups_links"][0]["href"]
            path = href[href.index("/v3/p/backups/detail?"):]
        self.checks.equal("every page but the last has a link to the next", self.newest_first, seen)
        self.checks.equal("the last page is empty", {"backups": []}, page)
