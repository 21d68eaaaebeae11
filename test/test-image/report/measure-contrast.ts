/**
 * Run in the page: how far each drawn text stands out from the colour behind it, by https://www.w3.org/TR/WCAG22/#contrast-minimum:
 * at least 4.5, or 3 where it is large (24 px, or 18.66 px and bold).
 */
export const measureContrast = `() => {
  for (const details of document.querySelectorAll('details')) details.open = true;
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ({ r, g, b }) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = rgba(getComputedStyle(at).backgroundColor);
      if (layer.a > 0) layers.push(layer);
      if (layer.a === 1) break;
    }
    return layers.reduceRight((under, layer) => over(layer, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const weak = new Set();
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const element = walker.currentNode.parentElement;
    if (text === '' || element.closest('script, .unseen, .skip-link') || element.getClientRects().length === 0) continue;
    texts += 1;
    const style = getComputedStyle(element);
    const under = behind(element);
    const ink = over(rgba(element instanceof SVGElement ? style.fill : style.color), under);
    const [one, other] = [light(ink), light(under)].sort((left, right) => right - left);
    const ratio = (one + 0.05) / (other + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) weak.add(ratio.toFixed(2) + ' ' + element.tagName + '.' + element.getAttribute('class') + ' ' + text.slice(0, 40));
  }
  return { texts, weak: [...weak] };
}`;
