// What can be measured of a page's legibility; called with the width of the window, gives a list of faults in words.
(width) => {
  const SMALLEST = 14, CONTRAST = 4.5, FINGER = 44;
  const faults = [];
  const canvas = document.body.appendChild(document.createElement("i"));
  canvas.style.backgroundColor = "Canvas";
  const ground = getComputedStyle(canvas).backgroundColor;
  canvas.remove();

  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const channel = (value) => value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  const contrast = (one, other) => {
    const [dark, light] = [luminance(parts(one)), luminance(parts(other))].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = (element) => {
    for (let box = element; box; box = box.parentElement) {
      const colour = getComputedStyle(box).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return ground;
  };
  const pale = (element) => {
    const found = contrast(getComputedStyle(element).color, behind(element));
    return found < CONTRAST ? found.toFixed(2) : "";
  };

  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement, words = node.data.trim();
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1);
    if (!words || !boxes.length || element.closest("style, title")) continue;
    const said = JSON.stringify(words.slice(0, 40)), size = parseFloat(getComputedStyle(element).fontSize);
    if (size < SMALLEST && !element.closest("sub, sup")) faults.push(`${said} has ${size} pixels`);
    if (pale(element)) faults.push(`${said} has a contrast of ${pale(element)}`);
    // The middle of a line: accents, scripts and the room between lines may touch.
    for (const box of boxes) {
      lines.push({node, said, left: box.left, right: box.right,
        top: box.top + box.height * 0.4, bottom: box.bottom - box.height * 0.4});
    }
  }

  lines.sort((one, other) => one.top - other.top);
  lines.forEach((one, place) => {
    for (let next = place + 1; next < lines.length && lines[next].top < one.bottom; next += 1) {
      const other = lines[next];
      if (other.node !== one.node && Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1) {
        faults.push(`${one.said} lies over ${other.said}`);
      }
    }
  });

  for (const image of document.images) {
    const box = image.getBoundingClientRect(), name = image.getAttribute("src");
    if (!image.alt.trim()) faults.push(`${name} has no alternative text`);
    if (!image.getAttribute("width") || !image.getAttribute("height")) faults.push(`${name} has no size`);
    if (box.width < 20 || box.height < 14) faults.push(`${name} cannot be seen`);
    if (pale(image)) faults.push(`the alternative text of ${name} has a contrast of ${pale(image)}`);
  }

  for (const link of document.querySelectorAll(".choice > a, .button > a, div > table td > a")) {
    const button = link.closest("td").getBoundingClientRect(), height = link.getBoundingClientRect().height;
    const isWord = getComputedStyle(link).display === "inline"; // a client that knows no boxes but those of tables
    if (button.height < FINGER || (!isWord && height < FINGER)) faults.push(`${link.innerText} is too low for a finger`);
  }

  const taken = document.documentElement.scrollWidth;
  if (taken > width) faults.push(`the page is ${taken} pixels wide`);
  return faults;
}
