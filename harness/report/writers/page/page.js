"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "class") node.className = value;
      else if (value !== null && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  };
  const number = (value, digits) => value.toFixed(digits).replace("-", "−");

  // Theme: automatic, light, dark. A page from disk may have no storage.
  const remembered = { get: () => { try { return localStorage.getItem("harness-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("harness-theme", value); } catch { /* not kept */ } } };
  const themes = ["auto", "light", "dark"];
  const theme = $("theme");
  const apply = (name) => {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    theme.textContent = `Theme: ${name}`;
    theme.dataset.name = name;
  };
  apply(themes.includes(remembered.get()) ? remembered.get() : "auto");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(theme.dataset.name) + 1) % themes.length];
    apply(next);
    remembered.set(next);
  });

  // Sortable tables: figures first click descending, text ascending; what is missing stays last.
  const direction = (header, numeric) => {
    const now = header.getAttribute("aria-sort");
    if (now === "descending") return 1;
    if (now === "ascending") return -1;
    return numeric ? -1 : 1;
  };
  const mark = (headers, header, way) => {
    headers.forEach((other) => other.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      header.querySelector("button")?.addEventListener("click", () => {
        const numeric = header.classList.contains("num");
        const way = direction(header, numeric);
        const keyed = [...table.tBodies[0].rows].map((row) => {
          const raw = row.cells[column].dataset.v;
          return { row, missing: raw === "", key: numeric ? Number(raw) : raw };
        });
        keyed.sort((x, y) => {
          if (x.missing || y.missing) return x.missing - y.missing;
          if (numeric) return way * (x.key - y.key);
          return way * x.key.localeCompare(y.key, undefined, { numeric: true });
        });
        mark(headers, header, way);
        table.tBodies[0].append(...keyed.map((one) => one.row));
      });
    });
  }

  // What is folded away is printed too.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));

  const packed = $("data");
  if (!packed) return;

  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };

  const STEP = 25;
  const explore = (data) => {
    const n = data.ids.length;
    const details = new Map(data.details.map((detail) => [detail[0], detail[1]]));
    const needles = data.ids.map((id, i) => `${id}\n${data.texts[i]}`.toLowerCase());
    const sideA = $("side-a"), sideB = $("side-b"), by = $("by"), filter = $("filter");
    data.pipelines.forEach((name, i) => {
      sideA.append(new Option(name, i));
      sideB.append(new Option(name, i));
    });
    data.measures.forEach((name, i) => by.append(new Option(name, i)));
    sideA.value = data.start[0];
    sideB.value = data.start[1];
    by.value = data.primary;
    const body = $("list").tBodies[0];
    const headers = [...$("list").tHead.rows[0].cells];
    const state = { outcome: "all", limit: STEP, column: 3, way: 0, open: null };

    const score = (pipeline, query) => data.values[data.codes[pipeline][by.value][query]];
    const outcome = (a, b) => (a > b ? "win" : a < b ? "loss" : "tie");

    const hits = (pipeline, other, query, name) => {
      const rows = details.get(query)[pipeline];
      const elsewhere = new Map();
      const others = details.get(query)[other];
      for (let i = 0; i < others.length; i += 3) elsewhere.set(others[i], i / 3 + 1);
      const list = make("ol", { class: "hits" });
      for (let i = 0; i < rows.length; i += 3) {
        const [document_, grade, value] = [rows[i], rows[i + 1], rows[i + 2]];
        const badge = grade < 0 ? make("span", { class: "grade none" }, "not judged")
          : make("span", { class: grade > 0 ? "grade yes" : "grade" }, `grade ${grade}`);
        const place = elsewhere.get(document_);
        const where = pipeline === other ? "" : place ? ` · rank ${place} in the other` : " · not in the other’s first 10";
        const head = make("div", { class: "head" }, badge, ` ${data.documents[document_]} · score ${String(value).replace("-", "−")}${where}`);
        const item = make("div", {}, head);
        const text = data.texts_of[document_];
        if (text) {
          const long = text.length > 320;
          const left = data.cut[document_] || 0;
          const shown = make("p", { class: long ? "text short" : "text", dir: "auto" },
            left ? `${text}… (${left.toLocaleString("en")} more characters are not in this page)` : text);
          item.append(shown);
          if (long) {
            const whole = make("button", { type: "button", class: "whole", "aria-expanded": "false" }, "whole text");
            whole.addEventListener("click", () => {
              const short = shown.classList.toggle("short");
              whole.textContent = short ? "whole text" : "less";
              whole.setAttribute("aria-expanded", String(!short));
            });
            item.append(whole);
          }
        }
        list.append(make("li", {}, make("span", { class: "rank" }, String(i / 3 + 1)), item));
      }
      if (!rows.length) list.append(make("li", {}, make("span"), make("span", {}, "no result")));
      return make("div", {}, make("h3", { dir: "auto" }, name), list);
    };

    const detail = (query) => {
      const cell = make("td", { colspan: "4" });
      const relevant = data.relevant ? `${data.relevant[query]} judged relevant. ` : "";
      cell.append(make("p", { class: "full", dir: "auto" }, data.texts[query] || data.ids[query]));
      if (!details.has(query)) {
        cell.append(make("p", { class: "note" },
          `${relevant}Its results are not in this page; 'harness show' has them.`));
      } else {
        const [a, b] = [Number(sideA.value), Number(sideB.value)];
        cell.append(make("p", { class: "note" }, `Query ${data.ids[query]}. ${relevant}`));
        cell.append(make("div", { class: "sides" },
          hits(a, b, query, data.pipelines[a]), hits(b, a, query, data.pipelines[b])));
      }
      return make("tr", { class: "detail" }, cell);
    };

    const draw = () => {
      const [a, b] = [Number(sideA.value), Number(sideB.value)];
      const counts = { win: 0, tie: 0, loss: 0 };
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = [];
      for (let query = 0; query < n; query += 1) {
        const [x, y] = [score(a, query), score(b, query)];
        const result = outcome(x, y);
        counts[result] += 1;
        if (state.outcome !== "all" && state.outcome !== result) continue;
        if (!words.every((word) => needles[query].includes(word))) continue;
        found.push({ query, x, y, delta: x - y });
      }
      const key = [null, (row) => row.x, (row) => row.y, (row) => row.delta][state.column];
      if (state.way === 0) found.sort((p, q) => Math.abs(q.delta) - Math.abs(p.delta) || p.query - q.query);
      else if (key) found.sort((p, q) => state.way * (key(p) - key(q)) || p.query - q.query);
      else {
        const text = (row) => data.texts[row.query] || data.ids[row.query];
        found.sort((p, q) => state.way * text(p).localeCompare(text(q), undefined, { numeric: true }));
      }
      for (const [name, part] of Object.entries({ win: $("bar-win"), tie: $("bar-tie"), loss: $("bar-loss") })) {
        part.style.width = `${(100 * counts[name]) / n}%`;
      }
      const labels = {
        all: `all ${n.toLocaleString("en")}`,
        win: `A better: ${counts.win.toLocaleString("en")}`,
        tie: `equal: ${counts.tie.toLocaleString("en")}`,
        loss: `B better: ${counts.loss.toLocaleString("en")}`,
      };
      for (const button of $("outcomes").children) {
        button.textContent = labels[button.dataset.name];
        button.setAttribute("aria-pressed", String(button.dataset.name === state.outcome));
      }
      const most = Math.max(1e-9, ...found.map((row) => Math.abs(row.delta)));
      body.replaceChildren();
      for (const row of found.slice(0, state.limit)) {
        const open = make("button", { type: "button", class: "open", dir: "auto", "aria-expanded": "false" },
          data.texts[row.query] || data.ids[row.query]);
        const bar = make("i", { class: row.delta < 0 ? "down" : "up" });
        bar.style.width = `${(50 * Math.abs(row.delta)) / most}%`;
        const sign = row.delta > 0 ? "+" : "";
        const line = make("tr", { "data-query": data.ids[row.query] },
          make("td", {}, open, data.texts[row.query] ? make("span", { class: "id" }, data.ids[row.query]) : ""),
          make("td", { class: "num" }, number(row.x, 3)),
          make("td", { class: "num" }, number(row.y, 3)),
          make("td", { class: "num" }, `${sign}${number(row.delta, 3)}`, make("span", { class: "bar", "aria-hidden": "true" }, bar)));
        body.append(line);
        const show = () => {
          open.setAttribute("aria-expanded", "true");
          line.after(detail(row.query));
        };
        if (state.open === row.query) show();
        open.addEventListener("click", () => {
          const was = state.open === row.query;
          body.querySelector(".detail")?.remove();
          body.querySelectorAll(".open").forEach((other) => other.setAttribute("aria-expanded", "false"));
          state.open = was ? null : row.query;
          if (!was) show();
        });
      }
      const shown = Math.min(found.length, state.limit);
      $("shown").textContent = found.length
        ? `${shown.toLocaleString("en")} of ${found.length.toLocaleString("en")} queries` +
          (state.way === 0 ? ", largest difference first" : "")
        : "No query matches.";
      $("more").hidden = shown >= found.length;
    };
    const again = () => { state.limit = STEP; draw(); };

    for (const name of ["all", "win", "tie", "loss"]) {
      const button = make("button", { type: "button", "data-name": name });
      button.addEventListener("click", () => { state.outcome = name; again(); });
      $("outcomes").append(button);
    }
    headers.forEach((header, column) => header.querySelector("button").addEventListener("click", () => {
      state.column = column;
      state.way = direction(header, column > 0);
      mark(headers, header, state.way);
      again();
    }));
    for (const control of [sideA, sideB, by]) control.addEventListener("change", again);
    filter.addEventListener("input", again);
    $("more").addEventListener("click", () => { state.limit += STEP; draw(); });
    draw();
    $("explorer").hidden = false;
    document.documentElement.dataset.ready = "yes";
  };

  unpack(packed.textContent).then(explore).catch((error) => {
    packed.before(make("p", { class: "warning" },
      `The per-query view cannot be shown in this browser (${error.message}).`));
  });
})();
