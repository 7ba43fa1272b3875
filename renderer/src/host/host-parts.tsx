import { AboutBox } from '../about/about-box.tsx';
import { Tour } from '../tour/tour.tsx';
import { HostCommands } from './host-commands.tsx';
import { HostLink } from './host-link.tsx';

/** What belongs to where the screen runs: the link to the desktop, the tour of the first start, what this is. */
export function HostParts() {
  return (
    <>
      <HostLink />
      <HostCommands />
      <Tour />
      <AboutBox />
    </>
  );
}
