// Counts what came of the cases of a client, and shows those that differ.

const LONGEST = 400;

function shortened(text) {
  const line = String(text).split(/\s+/).join(' ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}

export class Report {
  #client;
  #started = Date.now();
  #passed = 0;
  #refused = 0;
  #differing = 0;
  #showsAll = Boolean(process.env.CLIENTS_VERBOSE);

  constructor(client) {
    this.#client = client;
  }

  /** A right use that must work, or a wrong one that must fail as documented. */
  async case(name, run) {
    if (await this.#holds(name, run)) this.#passed += 1;
  }

  /** A use of something that the local cloud does not have, which it must say. */
  async refusal(name, run) {
    if (await this.#holds(name, run)) this.#refused += 1;
  }

  /** A case that went wrong before it was tried. */
  differs(name, why) {
    this.#differing += 1;
    console.log(`differs: ${name}\n    ${shortened(why)}`);
  }

  async #holds(name, run) {
    try {
      await run();
    } catch (error) {
      this.differs(name, describe(error));
      if (this.#showsAll) console.log(error?.stack);
      return false;
    }
    if (this.#showsAll) console.log(`ok: ${name}`);
    return true;
  }

  /** Prints the figures; the status of the program. */
  finish() {
    const seconds = ((Date.now() - this.#started) / 1000).toFixed(1);
    console.log(
      `${this.#client}: ${this.#passed} passed, ${this.#refused} refused by name, ` +
        `${this.#differing} differing (${seconds} s)`,
    );
    if (!this.#passed) console.log(`${this.#client}: nothing was tried`);
    return this.#differing || !this.#passed ? 1 : 0;
  }
}

/** What an error says: those of the COS SDK are objects of many members. */
function describe(error) {
  const status = error?.statusCode ? `${error.statusCode} ` : '';
  return `${status}${error?.code ?? error?.name ?? ''}: ${error?.message ?? error}`;
}
