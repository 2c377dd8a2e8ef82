// SPDX-License-Identifier: Apache-2.0
// The daemon's server-sent events. EventSource cannot send the token, so the stream is read by fetch().

const silenceLimit = 45_000; // The daemon says something every 15 s, if only a comment.

const events = {
  lastID: null,

  /** Opens the stream; what it returns is to be read with `for await`. */
  async open(stop) {
    const silence = new AbortController();
    const headers = { Accept: "text/event-stream" };
    if (this.lastID) headers["Last-Event-ID"] = this.lastID;
    const response = await api.fetch("GET", "events", { headers, signal: AbortSignal.any([stop, silence.signal]) });
    return this.read(response.body, silence);
  },

  /** As https://html.spec.whatwg.org/multipage/server-sent-events.html reads a stream: `{type, data}` one by one. */
  async *read(body, silence) {
    let timer = 0;
    let rest = "";
    let event = { type: "message", data: [] };
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (;;) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(new Error("the daemon has fallen silent")), silenceLimit);
        const { value, done } = await reader.read();
        if (done) return;
        const lines = (rest + value).split(/\r\n|\n|\r/);
        rest = lines.pop();
        for (const line of lines) {
          if (line !== "") {
            this.take(line, event);
            continue;
          }
          if (event.data.length) yield { type: event.type, data: JSON.parse(event.data.join("\n")) };
          event = { type: "message", data: [] };
        }
      }
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  },

  take(line, event) {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event.type = value;
    else if (field === "data") event.data.push(value);
    else if (field === "id") this.lastID = value;
  },
};
