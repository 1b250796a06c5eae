/** How long a wait is on average. */
const MEAN_MILLISECONDS = 2000;

/** Acts at random times. The wait before each is between 0 and twice the mean. */
export class RandomTimes {
  readonly #act: () => void;
  readonly #chance: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** @param chance a number from 0 to 1, at random */
  constructor(act: () => void, chance: () => number) {
    this.#act = act;
    this.#chance = chance;
  }

  start(): void {
    this.#timer = setTimeout(
      () => {
        this.start();
        this.#act();
      },
      2 * MEAN_MILLISECONDS * this.#chance(),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
