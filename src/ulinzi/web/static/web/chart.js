// A picture as PNG. Everything else about it works without this file; the button is only there where it runs.
"use strict";
(() => {
  // What a drawing takes from the page and would lose in a file of its own.
  const TAKEN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap",
    "stroke-linejoin", "font-family", "font-size", "font-weight"];
  const SCALE = 2, MARGIN = 16, LINE = 18;

  const shown = (figure) => [...figure.querySelectorAll("svg.ch")].find((one) => one.getClientRects().length > 0);

  // As attributes and not as styles: the policy of the page, which a picture inherits, allows no style in the text.
  const dressed = (svg) => {
    const copy = svg.cloneNode(true);
    const from = [svg, ...svg.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
    from.forEach((one, place) => {
      const styles = getComputedStyle(one);
      TAKEN.forEach((name) => to[place].setAttribute(name, styles.getPropertyValue(name)));
      to[place].setAttribute("color", styles.color);
      to[place].removeAttribute("class");
    });
    const box = svg.viewBox.baseVal;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", box.width * SCALE);
    copy.setAttribute("height", box.height * SCALE);
    return new Blob([new XMLSerializer().serializeToString(copy)], {type: "image/svg+xml"});
  };

  const wrapped = (pen, words, room) => words.split(/\s+/).reduce((lines, word) => {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && pen.measureText(longer).width <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
    return lines;
  }, []);

  // A picture that goes its own way takes along its title, its sentence, and when that was known.
  const paint = (figure, svg, image) => {
    const box = svg.viewBox.baseVal, canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    const page = getComputedStyle(document.body), family = page.fontFamily;
    const said = [[figure, "h3", "700"], [figure, ".word", "400"], [document, "[data-known]", "400"]];
    const told = said.flatMap(([from, name, weight]) => {
      const found = from.querySelector(name);
      pen.font = `${weight} 13px ${family}`;
      return found ? wrapped(pen, found.textContent.trim(), box.width).map((words) => [words, weight]) : [];
    });
    const above = told.length * LINE + MARGIN;
    canvas.width = (box.width + 2 * MARGIN) * SCALE;
    canvas.height = (box.height + above + 2 * MARGIN) * SCALE;
    pen.scale(SCALE, SCALE);
    pen.fillStyle = page.backgroundColor;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = page.color;
    told.forEach(([words, weight], place) => {
      pen.font = `${weight} 13px ${family}`;
      pen.fillText(words, MARGIN, MARGIN + LINE * (place + 0.7));
    });
    pen.drawImage(image, MARGIN, above + MARGIN, box.width, box.height);
    return canvas;
  };

  const hand = (blob, name) => {
    const link = document.createElement("a"), address = URL.createObjectURL(blob);
    link.href = address;
    link.download = `${name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  };

  const save = async (figure) => {
    const svg = shown(figure), address = URL.createObjectURL(dressed(svg)), image = new Image();
    try {
      image.src = address;
      await image.decode();
      paint(figure, svg, image).toBlob((blob) => blob && hand(blob, figure.dataset.chart), "image/png");
    } finally {
      URL.revokeObjectURL(address);
    }
  };

  document.querySelectorAll("figure[data-chart]").forEach((figure) => {
    let place = figure.querySelector(".fig-files");
    if (!place) {
      place = document.createElement("p");
      place.className = "fig-files noprint";
      figure.append(place);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = figure.dataset.png;
    button.addEventListener("click", () => save(figure));
    place.append(button);
  });
})();
