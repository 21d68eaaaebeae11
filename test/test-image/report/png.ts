import { inflateSync } from 'node:zlib';

/** A picture as bytes: red, green, blue of each pixel, row by row. */
export interface Picture {
  width: number;
  height: number;
  pixel(x: number, y: number): [red: number, green: number, blue: number];
}

const SIGNATURE = 8;

/** Reads what a browser's screenshot is: a PNG of 8 bits a channel, not interlaced. Format: https://www.w3.org/TR/png-3/ */
export function readPng(file: Buffer): Picture {
  const header = file.subarray(SIGNATURE + 8);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = { 2: 3, 6: 4 }[header[9] ?? 0];
  if (header[8] !== 8 || channels === undefined || header[12] !== 0) throw new Error('not such a PNG');
  const rows = unfilter(inflateSync(imageData(file)), width * channels, height, channels);
  return {
    width,
    height,
    pixel(x, y) {
      const at = (y * width + x) * channels;
      return [rows[at] ?? 0, rows[at + 1] ?? 0, rows[at + 2] ?? 0];
    },
  };
}

/** Relative luminance by WCAG: 0 black, 1 white. */
export function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function imageData(file: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = SIGNATURE; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') parts.push(file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return Buffer.concat(parts);
}

/** Each row starts with the number of its filter, which says what its bytes are differences to. */
function unfilter(data: Buffer, stride: number, height: number, channels: number): Buffer {
  const rows = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = data[row * (stride + 1)] ?? 0;
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const left = column < channels ? 0 : (rows[at - channels] ?? 0);
      const up = row === 0 ? 0 : (rows[at - stride] ?? 0);
      const corner = row === 0 || column < channels ? 0 : (rows[at - stride - channels] ?? 0);
      const raw = data[row * (stride + 1) + 1 + column] ?? 0;
      rows[at] = raw + ([0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0);
    }
  }
  return rows;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
