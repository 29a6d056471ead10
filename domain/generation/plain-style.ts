import { plainStyle, type Style } from './style.ts';

/** The prompt itself: no story, only other words, and at most a neutral sentence before or after it. */
export const plain: Style = {
  id: plainStyle,
  title: 'Plain',
  summary: 'The prompt as its author wrote it; further variants say it in other words.',
  frame: {
    openings: ['Hello.', 'Good morning.', 'Hi there.', 'Good afternoon.', 'One more thing.', 'Next.'],
    reasons: [
      'I have a request.',
      'There is something that I need.',
      'I would like something from you.',
      'This is about the following.',
      'A short matter.',
    ],
    bridges: ['Here it is:', 'It goes like this:', 'In my words:', 'Please read this:', 'My message:', 'The request:'],
    closings: ['Thanks.', 'Thank you in advance.', 'That is all.', 'That would be it.', 'I look forward to your answer.'],
  },
};
