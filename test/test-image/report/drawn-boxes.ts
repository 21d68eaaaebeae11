import { luminance, type Picture } from './png.js';

/** In the page's own pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Run in the page: whole boxes of what is drawn and not scrolled away inside something, in the page's own pixels. */
export const visibleBoxes = `(selector) => [...document.querySelectorAll(selector)].flatMap((element) => {
  const { left, top, width, height, right } = element.getBoundingClientRect();
  const frame = element.closest('.scroll')?.getBoundingClientRect() ?? { left: 0, right: innerWidth };
  const drawn = element.checkVisibility() && width > 0 && height > 0 && left >= frame.left && right <= frame.right;
  const covered = element.closest('.grid') && left < element.closest('tr').cells[0].getBoundingClientRect().right;
  return drawn && !covered ? [{ x: left + scrollX, y: top + scrollY, width, height }] : [];
})`;

/** Whether all of a box has one colour: nothing is written in it. */
export function isEmpty(picture: Picture, box: Box): boolean {
  const colours = new Set<string>();
  for (let y = Math.ceil(box.y) + 4; y < box.y + box.height - 4; y += 1) {
    for (let x = Math.ceil(box.x) + 4; x < box.x + box.width - 4; x += 1)
      colours.add(picture.pixel(x, y).join());
  }
  return colours.size < 3;
}

/** Whether the middle of a bar has the luminance of what is around it. */
export function isPaper(picture: Picture, { x, y, width, height }: Box): boolean {
  const bar = luminance(picture.pixel(Math.round(x + width / 2), Math.round(y + height / 2)));
  const around = luminance(picture.pixel(2, 2));
  return Math.abs(bar - around) < 0.05;
}
