const HEADER = 110;
const MAGIC = /^07070[12]$/;
const LAST = 'TRAILER!!!';

type Phase = 'magic' | 'header' | 'name' | 'done';

/**
 * Collects the names in a stream of cpio archives (newc), one after the other with zeros between them, as the kernel reads
 * an initial RAM disk. Contents are passed over, so memory does not grow with them.
 *
 * Source of the layout: kernel Documentation/driver-api/early-userspace/buffer-format.rst.
 */
export class CpioNames {
  readonly names = new Set<string>();
  #phase: Phase = 'magic';
  #kept: Buffer = Buffer.alloc(0);
  #wanted = 6;
  #skip = 0;
  #nameSize = 0;
  #fileSize = 0;
  #inArchive = false;
  #consumed = 0;

  /** The last archive is complete and nothing of another has begun. */
  get atRest(): boolean {
    return !this.#inArchive && this.#skip === 0;
  }

  /** What follows the last archive is no archive. */
  get stopped(): boolean {
    return this.#phase === 'done';
  }

  /** Bytes taken so far; once it has stopped, those before what is no archive. */
  get consumed(): number {
    return this.#consumed;
  }

  /** Takes the next bytes; those after it has stopped are left alone. */
  push(chunk: Buffer): void {
    let at = 0;
    const before = this.#consumed;
    while (at < chunk.length && this.#phase !== 'done') {
      const skipped = Math.min(this.#skip, chunk.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (this.#phase === 'magic' && this.#kept.length === 0 && !this.#inArchive) at = endOfZeros(chunk, at);
      if (at >= chunk.length) break;
      const part = chunk.subarray(at, at + this.#wanted - this.#kept.length);
      this.#kept = this.#kept.length === 0 ? part : Buffer.concat([this.#kept, part]);
      at += part.length;
      if (this.#kept.length < this.#wanted) {
        // The rest comes with the next chunk, which may reuse this one's memory.
        this.#kept = Buffer.from(this.#kept);
        break;
      }
      if (!this.#advance()) at -= this.#kept.length;
    }
    this.#consumed = before + at;
  }

  /** Handles what was wanted and is complete; false when it is not cpio. */
  #advance(): boolean {
    if (this.#phase === 'magic') {
      if (!MAGIC.test(this.#kept.toString('latin1'))) {
        this.#phase = 'done';
        return false;
      }
      this.#inArchive = true;
      this.#want('header', HEADER - 6);
    } else if (this.#phase === 'header') {
      const field = (index: number) =>
        Number.parseInt(this.#kept.toString('latin1', index * 8, index * 8 + 8), 16);
      [this.#fileSize, this.#nameSize] = [field(6), field(11)];
      this.#want('name', this.#nameSize + padding(HEADER + this.#nameSize));
    } else {
      const name = this.#kept.toString('utf8', 0, this.#nameSize - 1);
      this.#skip = this.#fileSize + padding(this.#fileSize);
      if (name === LAST) this.#inArchive = false;
      else this.names.add(name.replace(/^\.?\//, ''));
      this.#want('magic', 6);
    }
    return true;
  }

  #want(phase: Phase, size: number): void {
    [this.#phase, this.#wanted, this.#kept] = [phase, size, Buffer.alloc(0)];
  }
}

/** Names and contents end on a multiple of four. */
function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}

function endOfZeros(chunk: Buffer, from: number): number {
  let at = from;
  while (at < chunk.length && chunk[at] === 0) at += 1;
  return at;
}
