import { expectAsked } from './cell-rows.ts';

describe('what to read about a partial container that Garden no longer lists', () => {
  const partial = 'garden/A: 200; in cpu garden:; cgroups 200 memory=garden/A cpu=/';
  expectAsked(
    `
is the hierarchy that it was missing in, where that was reported | ${partial} > same > same; lists -; open scans | scans cpu memory
is no further hierarchy where nothing was reported | ${partial} > same; lists -; open scans | scans memory
is no further hierarchy where it was never seen | ${partial}; lists -; open scans | scans memory
`,
    2000,
  );
});

describe('whose properties to ask for when their owners were seen before', () => {
  expectAsked(`
is of none that Garden calls created | garden/A: 200 > same; open properties | properties -
is of those that Garden no longer calls created | garden/A: 200 > same; created -; open properties | properties A
is of all if the list of created containers fails | garden/A: 200 > same; created ?; open properties | properties A
`);
});
