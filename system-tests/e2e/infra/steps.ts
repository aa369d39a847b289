/** Prints each step, and at the end how long it took. */
export class Steps {
  readonly #done: Array<{ step: string, seconds: number }> = []

  get begun (): boolean { return this.#done.length > 0 }

  async run<T> (step: string, work: () => T | Promise<T>): Promise<T> {
    console.log(step)
    const start = performance.now()
    try {
      return await work()
    } finally {
      this.#done.push({ step, seconds: Math.round((performance.now() - start) / 100) / 10 })
    }
  }

  print (): void { console.table(this.#done) }
}
