import { defineConfig, globalIgnores } from 'eslint/config';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Imports point one way: front ends → protocol ← service. */
const mayNotImport = (files, forbidden, message) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: [{ regex: forbidden, message }] }
    ]
  }
});

export default defineConfig(
  globalIgnores([
    '**/lib/',
    '**/dist/',
    '**/.venv/',
    '.build/',
    'jupyterlab_underpass/labextension/',
    'python/underpass/_service/',
    'ui-tests/test-results/',
    'ui-tests/playwright-report/'
  ]),
  {
    files: ['**/*.{ts,tsx,mjs,js}'],
    extends: [tseslint.configs.recommended, prettier],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // A companion namespace holds a class's options or a set of ids, as in JupyterLab.
      '@typescript-eslint/no-namespace': 'off',
      curly: 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-arrow-callback': 'error'
    }
  },
  {
    files: ['src/**/*.{ts,tsx}', 'packages/*/src/**/*.ts'],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname
      }
    },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } }
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ]
    }
  },
  {
    files: ['packages/*/src/**/*.spec.ts', 'src/**/*.spec.ts'],
    rules: {
      // node:test waits for what its functions return by itself.
      '@typescript-eslint/no-floating-promises': 'off'
    }
  },
  {
    plugins: { jupyter },
    extends: [jupyter.configs.recommended],
    files: ['src/**/*.{ts,tsx}', 'schema/*.json', 'ui-tests/**/*.ts']
  },
  {
    files: ['src/plugins/*.ts'],
    rules: {
      // Ours are needed at the start. The dialogs, with the form's libraries, are loaded when they are opened.
      'jupyter/prefer-lazy-imports': ['error', { ignoreImports: ['../*'] }]
    }
  },
  mayNotImport(
    ['src/**', 'ui-tests/**', 'packages/vscode/**'],
    '^@underpass/service|packages/service',
    'A front end talks to the service through the protocol.'
  ),
  mayNotImport(
    ['packages/protocol/**'],
    '^@underpass/|^(\\.\\./){2}',
    'The protocol imports nothing of ours.'
  ),
  {
    ...mayNotImport(
      ['packages/protocol/**'],
      '^@underpass/|^(\\.\\./){2}|^node:',
      'The protocol imports nothing of ours, and runs in browsers.'
    ),
    ignores: ['**/*.spec.ts']
  },
  mayNotImport(
    ['packages/service/**'],
    '^@underpass/(?!protocol(/|$))|^(\\.\\./)+src/|jupyterlab-underpass',
    'The service knows the protocol and no front end.'
  )
);
