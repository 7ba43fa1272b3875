/** What a message says of itself that another room sends: which send it is a part of, what it was made from. Pure. */
import type { SubmitAbout } from '../api/services.ts';
import type { MessageDetails } from '../model/message.ts';

export function aboutDetails({
  partOf,
  template,
  topic,
}: SubmitAbout): Pick<MessageDetails, 'partOf' | 'template' | 'topic'> {
  return {
    ...(partOf === undefined ? {} : { partOf }),
    ...(template === undefined ? {} : { template }),
    ...(topic === undefined ? {} : { topic }),
  };
}
