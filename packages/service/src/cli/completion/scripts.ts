/**
 * The scripts that the shells load. They only pass on what is typed, as words and never as text that is evaluated
 * again, and take what they are given: pressing Tab must not run what an integration is called.
 */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The program answers with one line that says what follows, then one line for each candidate. */
export const scripts: Record<Shell, string> = {
  // Also for bash 3.2, which macOS has: no mapfile, and compopt may be missing.
  bash: `# Completion of underpass for bash: source <(underpass completion bash)
_underpass() {
  local line what=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $what ]]; then
      what=$line
    else
      COMPREPLY+=("$line")
    fi
  done < <(command underpass __complete bash -- "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  case $what in
    open) compopt -o nospace 2>/dev/null ;;
    files) compopt -o default 2>/dev/null ;;
    directories) compopt -o dirnames 2>/dev/null ;;
    command) compopt -o bashdefault -o default 2>/dev/null ;;
  esac
  return 0
}
complete -F _underpass underpass
`,
  zsh: `#compdef underpass
# Completion of underpass for zsh: source <(underpass completion zsh), after compinit
_underpass() {
  local line what=
  local -a values shown open openShown
  while IFS= read -r line; do
    if [[ -z $what ]]; then
      what=$line
      continue
    fi
    local value=\${line%%$'\\t'*} about=\${line#*$'\\t'}
    [[ -n $about ]] && about="$value -- $about" || about=$value
    if [[ $value == *= ]]; then
      open+=("$value") openShown+=("$about")
    else
      values+=("$value") shown+=("$about")
    fi
  done < <(command underpass __complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  case $what in
    files) _files ;;
    directories) _files -/ ;;
    command)
      local dashes=\${words[(i)--]}
      (( CURRENT -= dashes ))
      words=("\${(@)words[dashes + 1,-1]}")
      _normal
      ;;
    *)
      (( $#open )) && compadd -S '' -l -d openShown -a open
      (( $#values )) && compadd -l -d shown -a values
      (( $#open + $#values ))
      ;;
  esac
}
if [[ \${funcstack[1]} == _underpass ]]; then
  _underpass "$@"
else
  compdef _underpass underpass
fi
`,
  fish: `# Completion of underpass for fish: underpass completion fish | source
function __underpass_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    # What is typed of a quoted word still has its quotes and backslashes.
    set current (string unescape -- $current; or string trim --left --chars='"\\'' -- $current)
    set -l answer (command underpass __complete fish -- $typed[2..-1] "$current" 2>/dev/null)
    switch "$answer[1]"
        case files
            __fish_complete_path "$current"
        case directories
            __fish_complete_directories "$current"
        case command
            set -l dashes (contains -i -- -- $typed)
            complete -C (string join ' ' -- (string escape -- $typed[(math $dashes + 1)..-1]) (commandline -ct))
        case '*'
            printf '%s\\n' $answer[2..-1]
    end
end
complete -c underpass -e
complete -c underpass -f -a '(__underpass_complete)'
`
};
