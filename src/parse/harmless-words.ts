/**
 * Words that say what a process is and that nobody takes as a password: sub-commands, types of
 * processes, runtimes and the single-dash flags of Java, Go and Erlang. No names of users.
 */
const HARMLESS_WORDS: ReadonlySet<string> = new Set(
  [
    'add address api app application apply artisan asgi beat boot build bundle bundler busy cache',
    'celery cgroup check class classpath cluster config connect console container cp',
    'create cron daemon delete deploy dev development django dotnet down envoy erl exec',
    'fastapi file flask foreground garden gdn go grpc gunicorn health healthcheck home',
    'host http httpd https id idle init install jar java job jobs kill launcher linux',
    'listen listener live lock log main manage master migrate mnesia module namespace',
    'nest next nginx node nohup noshell npm npx of php ping pm pnpm pool port process',
    'prod production progname proxy publish puma python queue rack rackup rails rake',
    'release reload rep restart rqworker ruby run runc runner runserver runtime schedule',
    'scheduler serve server service shell sidekiq socket staging start startup startups',
    'state status stop streamlit supervisor systemd task tasks timeout type unicorn up',
    'update uvicorn version watch web webpack work worker workers wsgi yarn',
  ].flatMap((line) => line.split(' ')),
);

export const isHarmlessWord = (word: string): boolean => HARMLESS_WORDS.has(word);
