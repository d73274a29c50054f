import { defineConfig } from '@playwright/test';

const port = process.env.UNDERPASS_UI_PORT ?? '8999';
const baseURL = `http://localhost:${port}`;
// Fixtures of galata that are made before a context of its own knows the address.
process.env.TARGET_URL ??= baseURL;

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  reporter: 'list',
  timeout: 60_000,
  retries: 0,
  workers: 1,
  use: {
    baseURL,
    screenshot: 'only-on-failure',
    trace: 'off',
    video: 'off',
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
    }
  },
  webServer: {
    command: 'jupyter lab --config jupyter_server_config.py',
    cwd: __dirname,
    env: { UNDERPASS_UI_PORT: port },
    url: `${baseURL}/api`,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 }
  }
});
