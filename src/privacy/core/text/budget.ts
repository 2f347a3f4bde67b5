/** How much of encoded runs is read in one request; handed through all its texts. Beyond it nothing may leave. */
export class Budget {
  #left: number

  constructor(limits: { readonly decodedBytes: number }) {
    this.#left = limits.decodedBytes
  }

  /** false: it is used up; whatever was to be read was not. */
  take(bytes: number): boolean {
    this.#left -= bytes
    return this.#left >= 0
  }
}
