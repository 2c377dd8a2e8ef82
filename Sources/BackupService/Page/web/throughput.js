// SPDX-License-Identifier: Apache-2.0
// How many bytes of volumes all jobs together went through in each of the last 120 seconds.

const throughput = {
  samples: new Array(120).fill(0), // bytes per second, the newest last
  positions: new Map(), // of each job: the bytes that were done when it was last heard of
  moved: 0,
  sampledAt: 0,
  timer: 0,

  restart(jobs) {
    this.positions.clear();
    for (const job of jobs) this.hear(job);
  },

  /** Hears how far a job is. What it did before it was first heard of does not count. */
  hear({ id, status, progress }) {
    if (status === "deleting") {
      this.forget(id);
      return;
    }
    const done = progress?.bytes_done ?? 0;
    this.moved += Math.max(0, done - (this.positions.get(id) ?? done));
    this.positions.set(id, done);
    if (this.timer) return;
    this.sampledAt = performance.now();
    this.timer = setInterval(() => this.sample(), 1000);
  },

  forget(id) {
    this.positions.delete(id);
  },

  sample() {
    const now = performance.now();
    this.samples.push((this.moved * 1000) / (now - this.sampledAt));
    this.samples.shift();
    this.moved = 0;
    this.sampledAt = now;
    this.draw();
    if (this.positions.size > 0 || this.samples.some((rate) => rate > 0)) return;
    clearInterval(this.timer);
    this.timer = 0;
  },

  draw() {
    const most = Math.max(...this.samples);
    // The mean of three seconds: jobs report now and then, and that is no throughput.
    const smooth = this.samples.map((_, i) => mean(this.samples.slice(Math.max(0, i - 2), i + 1)));
    const top = Math.max(...smooth, 1);
    const points = smooth.map((rate, i) => `${(i * 120) / 119} ${38 - (36 * rate) / top}`);
    byID("plot").querySelector(".curve").setAttribute("d", `M${points.join("L")}`);
    byID("plot").querySelector(".area").setAttribute("d", `M0 40L${points.join("L")}L120 40Z`);
    byID("throughput-text").textContent = most === 0 ? "Nothing in the last two minutes"
      : `${bytes(smooth.at(-1))}/s now, ${bytes(top)}/s at most in the last two minutes`;
  },
};

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
