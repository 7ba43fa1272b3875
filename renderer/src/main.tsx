import './api/first-page.ts';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './theme/global.css';
import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api/request.ts';
import { CommandsProvider } from './commands/commands-context.tsx';
import { LiveProvider } from './live/live-context.tsx';
import { DeletionsProvider } from './messages/deletions-context.tsx';
import { router } from './router.tsx';
import { cssVariables, theme } from './theme/theme.ts';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      // The core is on this machine: it answers with the network down, when the browser takes itself for offline.
      networkMode: 'always',
      // A core that is away comes back over the live connection, which fetches again by itself.
      retry: (count, error) => count < 2 && !(error instanceof ApiProblem),
    },
  },
});

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root');
createRoot(root).render(
  <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
    <QueryClientProvider client={queries}>
      <Notifications position="bottom-left" limit={4} containerWidth={360} />
      <LiveProvider>
        <CommandsProvider>
          <DeletionsProvider>
            <ModalsProvider>
              <RouterProvider router={router} />
            </ModalsProvider>
          </DeletionsProvider>
        </CommandsProvider>
      </LiveProvider>
    </QueryClientProvider>
  </MantineProvider>,
);
