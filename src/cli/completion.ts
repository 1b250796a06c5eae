import { SENSOR_NAMES } from '../model/sensor.ts';
import {
  COMMAND_ROWS,
  type CommandName,
  type CommandRow,
  type Completes,
  type OptionRow,
  type Shell,
} from './command-table.ts';

/* Shell completion. All words are in the text itself, so that a TAB starts no program. */

const PROGRAM = '/var/vcap/packages/rollcall/bin/rollcall';

const PATHS: ReadonlySet<string> = new Set([
  'capture',
  'config',
  'garden-socket',
  'mountinfo',
  'mounts',
  'root',
  'status-socket',
]);

const EVERYWHERE = [
  ['help', 'Show help'],
  ['version', 'Show version number'],
] as const;

/** @param sections the reasons and alerts that have a section in the runbook */
export const completionText = (shell: Shell, sections: readonly string[]): string =>
  shell === 'bash' ? bashText(sections) : zshText(sections);

const shownOptions = ({ options }: CommandRow): readonly (readonly [string, OptionRow])[] =>
  Object.entries(options).filter(([, { hidden }]) => hidden !== true);

/** Null for a switch, which takes no value. */
function valueOf(name: string, { type, choices }: OptionRow): Completes | null {
  if (type === 'boolean') return null;
  if (choices !== undefined) return choices;
  if (name === 'tool') return SENSOR_NAMES;
  return PATHS.has(name) ? 'file' : 'anything';
}

/** Null if the command takes no argument. */
function argumentOf({ positional }: CommandRow, sections: readonly string[]): Completes | null {
  if (positional === undefined) return null;
  const { completes } = positional;
  return completes === 'runbook-section' ? sections : completes;
}

const bashText = (sections: readonly string[]): string => `\
# Completion of rollcall for bash. In ~/.bashrc: source <(${PROGRAM} completion bash)
_rollcall() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' word
  local options='${EVERYWHERE.map(([name]) => `--${name}`).join(' ')}' words=''
  COMPREPLY=()
  # bash takes the = of --format=json for a word of its own.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    if [[ $word != -* ]]; then
      command=$word
      break
    fi
  done
  case $command in
    '')
      words='${COMMAND_ROWS.map(([name]) => name).join(' ')}'
      ;;
${COMMAND_ROWS.map(([name, row]) => bashCommand(name, row, sections)).join('')}  esac
  if [[ $current == -* || -z $words ]]; then
    words=$options
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _rollcall rollcall
`;

function bashCommand(name: CommandName, row: CommandRow, sections: readonly string[]): string {
  const options = shownOptions(row);
  const values = options.flatMap(([option, it]) => {
    const value = valueOf(option, it);
    return value === null ? [] : [`        --${option}) ${bashValue(value)} ;;\n`];
  });
  const argument = argumentOf(row, sections);
  const otherwise = argument === null ? '' : `        *) ${bashArgument(argument)} ;;\n`;
  return `    ${name})
      options+=' ${options.map(([option]) => `--${option}`).join(' ')}'
      case $previous in
${values.join('')}${otherwise}      esac
      ;;
`;
}

const FILES = 'compopt -o default; return';

function bashValue(value: Completes): string {
  if (value === 'anything') return 'return';
  return value === 'file' ? FILES : `words='${value.join(' ')}'; options=$words`;
}

function bashArgument(value: Completes): string {
  if (value === 'anything') return '[[ $current == -* ]] || return';
  return value === 'file' ? `[[ $current == -* ]] || { ${FILES}; }` : `words='${value.join(' ')}'`;
}

const zshText = (sections: readonly string[]): string => `\
#compdef rollcall
# Completion of rollcall for zsh. In ~/.zshrc, behind compinit: source <(${PROGRAM} completion zsh)
_rollcall() {
  local curcontext=$curcontext context line state state_descr
  local -A opt_args
  local -a commands=(
${COMMAND_ROWS.map(([name, { does }]) => `    ${quoted(`${name}:${does.replaceAll(':', '\\:')}`)}\n`).join('')}  )
  _arguments -C ${EVERYWHERE.map(([name, does]) => `'(- *)--${name}[${does}]'`).join(' ')} '1:command:->command' '*::argument:->arguments'
  case $state in
    command)
      _describe command commands
      ;;
    arguments)
      case $line[1] in
${COMMAND_ROWS.map(([name, row]) => zshCommand(name, row, sections)).join('')}      esac
      ;;
  esac
}
if [[ $funcstack[1] == _rollcall ]]; then
  _rollcall "$@"
else
  compdef _rollcall rollcall
fi
`;

function zshCommand(name: CommandName, row: CommandRow, sections: readonly string[]): string {
  const options = shownOptions(row).map(([option, it]) => {
    const value = valueOf(option, it);
    const does = `[${it.describe.replaceAll(/[[\]:\\]/g, '\\$&')}]`;
    return value === null
      ? `--${option}${does}`
      : `--${option}=${does}:${option}:${zshValue(value)}`;
  });
  const argument = argumentOf(row, sections);
  const rest = argument === null ? [] : [`1:${row.positional?.name ?? ''}:${zshValue(argument)}`];
  const specs = [...EVERYWHERE.map(([other, does]) => `--${other}[${does}]`), ...options, ...rest];
  return `        ${name})
          _arguments ${specs.map(quoted).join(' \\\n            ')}
          ;;
`;
}

function zshValue(value: Completes): string {
  if (value === 'anything') return ' ';
  return value === 'file' ? '_files' : `(${value.join(' ')})`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
