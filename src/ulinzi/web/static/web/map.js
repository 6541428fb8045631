// Maps that move. What is marked comes from the table beside the map, so the two cannot say different things; the ground
// comes from one file on this machine, the colours from the page. Without this script the still picture stays.
(() => {
  "use strict";
  const MARK = 24; // pixels across: large enough to hit
  const ROOMY = 640; // pixels: the width that a map's own scale is meant for

  // What others drew is only taken if it can be had in pieces: the whole file may be as large as a country.
  async function header(tiles) {
    const answer = await fetch(tiles, { headers: { Range: "bytes=0-126" } });
    if (answer.status !== 206) throw new Error(`no part of ${tiles}: ${answer.status}`);
    const bytes = new DataView(await answer.arrayBuffer());
    const name = String.fromCharCode(...new Uint8Array(bytes.buffer, 0, 7));
    if (name !== "PMTiles" || bytes.getUint8(7) !== 3) throw new Error(`${tiles} is no map file`);
    const degrees = (place) => bytes.getInt32(place, true) / 1e7;
    return {
      least: bytes.getUint8(100),
      most: bytes.getUint8(101),
      bounds: L.latLngBounds([degrees(106), degrees(102)], [degrees(114), degrees(110)]),
    };
  }

  // One ground for day and night: the tokens of the page as they are now.
  function tokens(figure) {
    const style = getComputedStyle(figure);
    const token = (name) => style.getPropertyValue(`--${name}`).trim();
    const names = ["sheet", "tint", "tint-2", "ink", "ink-2", "ink-3", "edge"];
    return { ...Object.fromEntries(names.map((name) => [name, token(name)])), font: style.fontFamily };
  }

  function ground(ink) {
    const is = (kind) => (zoom, feature) => feature.props.class === kind;
    const line = (dataLayer, filter, color, width, dash) =>
      ({ dataLayer, filter, symbolizer: new protomapsL.LineSymbolizer({ color, width, dash, lineJoin: "round" }) });
    const area = (dataLayer, fill, stroke, width) =>
      ({ dataLayer, symbolizer: new protomapsL.PolygonSymbolizer({ fill, stroke, width }) });
    return [
      area("land", ink.sheet, ink.sheet, 0),
      line("rivers", undefined, ink.edge, 2),
      area("water", ink["tint-2"], ink.edge, 1),
      line("roads", is("track"), ink["ink-3"], 1.25, [5, 2.5]),
      line("roads", is("main"), ink["ink-2"], 4),
      line("roads", is("main"), ink.sheet, 2),
      line("borders", is("district"), ink.edge, 1.25, [2, 3]),
      line("borders", is("province"), ink["ink-2"], 1.75, [9, 3, 2, 3]),
      line("borders", is("country"), ink["ink-2"], 2),
    ];
  }

  // Names on the ground, the more important first; not where a mark stands, nor a name that a mark says already.
  function names(ink, map, marks) {
    const said = new Set(marks.map((one) => one.word));
    const text = (size, more) =>
      ({ fill: ink["ink-2"], stroke: ink.sheet, width: 1.5, font: `${size} ${ink.font}`, maxLineChars: 40, ...more });
    const rule = (dataLayer, kind, minzoom, symbolizer) => ({
      dataLayer,
      minzoom,
      filter: (zoom, { props }) => (!kind || props.class === kind) && !said.has(props.name),
      symbolizer: beside(symbolizer, map, marks),
    });
    const middle = (...options) => new protomapsL.CenteredTextSymbolizer(text(...options));
    const dot = new protomapsL.GroupSymbolizer([
      new protomapsL.CircleSymbolizer({ radius: 2.5, fill: ink["ink-3"] }),
      new protomapsL.OffsetTextSymbolizer({ ...text("12px"), offsetX: 6, offsetY: 4, placements: [3] }),
    ]);
    return [
      rule("areas", "province", 0, middle("700 13px", { letterSpacing: 1.5 })),
      rule("places", "town", 0, dot),
      rule("areas", "district", 8, middle("italic 12px")),
      rule("water", undefined, 8, middle("italic 12px", { stroke: ink["tint-2"] })),
      rule("places", "village", 8, dot),
    ];
  }

  // The canvas does not know of the marks above it.
  function beside(symbolizer, map, marks) {
    const covered = (zoom) => marks.map((one) => {
      const { x, y } = map.project(one.at, zoom);
      return { minX: x - MARK / 2, minY: y - MARK / 2, maxX: x + MARK / 2 + one.wide, maxY: y + MARK / 2 };
    });
    const free = (boxes) => (label) => label.bboxes.every((one) => boxes.every((other) =>
      one.maxX < other.minX || one.minX > other.maxX || one.maxY < other.minY || one.minY > other.maxY));
    return {
      place: (layout, geometry, feature) =>
        symbolizer.place(layout, geometry, feature)?.filter(free(covered(layout.zoom))),
    };
  }

  function mark(map, row, shapes) {
    const { lat, lon, kind, within } = row.dataset;
    const at = L.latLng(Number(lat), Number(lon));
    const html = document.createElement("div"), word = document.createElement("span");
    word.className = "map-word";
    word.textContent = row.cells[0].textContent.trim();
    html.append(...(shapes.get(kind) ? [shapes.get(kind).cloneNode(true)] : []), word);
    if (within) {
      L.circle(at, { radius: Number(within) * 1000, className: "map-ring", interactive: false, fill: false }).addTo(map);
    }
    // Not for the Tab key: every mark is a button in the table, which a keyboard reaches in order.
    const icon = L.divIcon({ html, className: "map-mark", iconSize: [MARK, MARK] });
    const marker = L.marker(at, { icon, keyboard: false }).addTo(map);
    return { row, at, marker, word: word.textContent, wide: word.offsetWidth };
  }

  // A name that would run into another mark or out of the map goes to the left of its mark; or waits to be pointed at.
  function part(map, marks) {
    const elements = marks.map((one) => one.marker.getElement()), edge = map.getContainer().getBoundingClientRect();
    elements.forEach((one) => one.classList.remove("crowded", "left"));
    const controls = map.getContainer().querySelectorAll(".leaflet-control");
    const taken = [...elements, ...controls].map((one) => one.getBoundingClientRect());
    const fits = (one, place) => {
      const box = one.querySelector(".map-word").getBoundingClientRect();
      const free = box.left > edge.left && box.right < edge.right && taken.every((other, which) => which === place ||
        box.left >= other.right || box.right <= other.left || box.top >= other.bottom || box.bottom <= other.top);
      if (free) taken.push(box);
      return free;
    };
    elements.forEach((one, place) => {
      if (fits(one, place)) return;
      one.classList.add("left");
      if (fits(one, place)) return;
      one.classList.replace("left", "crowded");
    });
  }

  function choose(map, marks, chosen) {
    for (const one of marks) {
      one.marker.getElement().classList.toggle("found", one === chosen);
      one.marker.setZIndexOffset(one === chosen ? 1000 : 0);
      if (one === chosen) one.row.setAttribute("aria-current", "true");
      else one.row.removeAttribute("aria-current");
    }
  }

  // The name in each row becomes a button: to the mark from here, and back from the mark.
  function join(figure, map, marks, still) {
    for (const one of marks) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "map-find";
      button.setAttribute("aria-label", `${one.word}, ${figure.dataset.show}`);
      button.append(...one.row.cells[0].childNodes);
      one.row.cells[0].append(button);
      one.row.dataset.live = "";
      one.row.addEventListener("click", () => {
        if (String(getSelection())) return; // somebody copies a name
        choose(map, marks, one);
        map.panTo(one.at, { animate: !still });
        figure.scrollIntoView({ block: "nearest" });
      });
      one.marker.on("click", () => {
        choose(map, marks, one);
        button.focus();
      });
    }
  }

  function opened(figure, file, still) {
    const pane = document.createElement("div");
    pane.className = "map-live";
    figure.querySelector(".map-pane").append(pane);
    figure.classList.add("live");
    const [lat, lon, zoom] = figure.dataset.view.split(",").map(Number);
    const narrower = Math.max(0, Math.ceil(Math.log2(ROOMY / pane.clientWidth) - 0.2));
    const map = L.map(pane, {
      // What came from where stands under the map, where it can also be read without a script.
      attributionControl: false, zoomControl: false,
      minZoom: Math.max(file.least, zoom - 3), maxZoom: file.most + 2,
      maxBounds: file.bounds.pad(0.25), maxBoundsViscosity: 1,
      scrollWheelZoom: false, // whoever scrolls the page is not caught; a click into the map turns it on
      zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still,
    }).setView([lat, lon], zoom - narrower);
    L.control.zoom({ zoomInTitle: figure.dataset.in, zoomOutTitle: figure.dataset.out }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    map.on("focus", () => map.scrollWheelZoom.enable()).on("blur", () => map.scrollWheelZoom.disable());
    pane.setAttribute("role", "application");
    pane.setAttribute("aria-label", figure.dataset.help);
    map.getPane("markerPane").setAttribute("aria-hidden", "true");
    return map;
  }

  function lit(figure, map, file, marks) {
    const options = () => {
      const ink = tokens(figure);
      return { paintRules: ground(ink), labelRules: names(ink, map, marks), backgroundColor: ink.tint };
    };
    const layer = protomapsL.leafletLayer({
      url: figure.dataset.tiles, attribution: "", maxDataZoom: file.most, ...options(),
    }).addTo(map);
    const again = () => {
      Object.assign(layer, options());
      layer.clearLayout();
      layer.rerenderTiles();
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    matchMedia("(prefers-contrast: more)").addEventListener("change", again);
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  async function start(figure) {
    if (figure.dataset.started || !window.L || !window.protomapsL) return;
    figure.dataset.started = "";
    let file;
    try {
      file = await header(figure.dataset.tiles);
    } catch (error) {
      console.info("The still map stays:", error.message);
      return;
    }
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const rows = document.querySelectorAll(`#${CSS.escape(figure.dataset.points)} tr[data-lat]`);
    const legend = figure.querySelectorAll(".map-legend [data-kind]");
    const shapes = new Map([...legend].map((one) => [one.dataset.kind, one.querySelector("svg")]));
    const map = opened(figure, file, still);
    const marks = [...rows].map((row) => mark(map, row, shapes));
    lit(figure, map, file, marks);
    join(figure, map, marks, still);
    part(map, marks);
    map.on("moveend resize", () => part(map, marks));
  }

  document.querySelectorAll("figure.map[data-tiles]").forEach(start);
})();
