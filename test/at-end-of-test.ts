type Undo = () => unknown;

const undos: Undo[] = [];

/**
 * Does this when the running test has ended; what was added last comes first. Not for what the
 * tests of a suite share.
 */
export const atEndOfTest = (undo: Undo): void => void undos.push(undo);

/** Of every test, for Mocha. */
export const mochaHooks = {
  async afterEach(): Promise<void> {
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo();
  },
};
