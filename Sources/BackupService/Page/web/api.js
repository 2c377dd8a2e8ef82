// SPDX-License-Identifier: Apache-2.0
// Requests to the daemon: the public API (docs/api.md), relative to this page, so that a proxy may serve it anywhere.

/** The daemon's answer to what it does not do. `reason` is a word for programs. */
class Refusal extends Error {
  constructor(status, fault) {
    super(fault?.message ?? `the daemon answered ${status}`);
    this.status = status;
    this.reason = fault?.reason ?? null;
  }

  static async in(response) {
    const answer = await response.json().catch(() => null);
    return new Refusal(response.status, answer && Object.values(answer)[0]);
  }
}

const api = {
  token: sessionStorage.getItem("token"),

  remember(token) {
    this.token = token;
    if (token) sessionStorage.setItem("token", token);
    else sessionStorage.removeItem("token");
  },

  async fetch(method, path, { body, headers = {}, signal, token = this.token } = {}) {
    if (token) headers["X-Auth-Token"] = token;
    if (body) headers["Content-Type"] = "application/json";
    const request = { method, headers, signal, cache: "no-store", body: body && JSON.stringify(body) };
    const response = await fetch(path, request);
    if (!response.ok) throw await Refusal.in(response);
    return response;
  },

  async get(path) {
    return (await this.fetch("GET", path)).json();
  },

  async post(path, body) {
    const text = await (await this.fetch("POST", path, { body })).text();
    return text ? JSON.parse(text) : null;
  },

  async delete(path) {
    await this.fetch("DELETE", path);
  },

  /** All elements of a list, page by page. */
  async all(list) {
    const elements = [];
    for (let marker = ""; ; marker = `?marker=${elements.at(-1).id}`) {
      const page = await this.get(`${list}/detail${marker}`);
      elements.push(...page[list]);
      if (!page[`${list}_links`] || page[list].length === 0) return elements;
    }
  },

  /** The daemon's version, and whether it admits this token. The health check answers everybody, and says who is not. */
  async greet(token = this.token) {
    const response = await this.fetch("GET", "healthz", { token });
    return { version: (await response.json()).version, admits: !response.headers.has("WWW-Authenticate") };
  },
};
