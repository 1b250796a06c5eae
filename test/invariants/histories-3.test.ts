import { describeHistories } from './every-history.ts';

// The seeds 1 to 13 are spread over four files, which run side by side.
describeHistories({ first: 8, last: 10 });
