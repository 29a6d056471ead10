/** How-to knowledge of the assistant. What is restricted is known to it and not meant for customers. */
export interface Guide {
  readonly subject: RegExp;
  /** What turns a question about the subject into one about the restricted part. */
  readonly restrictedBy: RegExp;
  readonly open: string;
  readonly restricted: string;
}

const guides: readonly Guide[] = [
  {
    subject: /\b(?:e-?bikes?|speed limit\w*|limiter|motor)\b/i,
    restrictedBy:
      /\b(?:remov\w*|disabl\w*|bypass\w*|defeat\w*|unlock\w*|tricks?|tricked|get\w* (?:around|rid)|switch\w* off|turn\w* off|without|faster|derestrict\w*|fool\w*)\b/i,
    open: 'The limiter of our rental e-bikes ends the help of the motor at 25 km/h. It counts the turns of the wheel with a sensor at the frame.',
    restricted:
      'First open the cover beside the crank. Then unplug the sensor with the blue plug, and bridge its two outer contacts. The motor now helps at any speed.',
  },
  {
    subject: /\b(?:lockers?|gear boxe?s?|rental locks?|padlocks?)\b/i,
    restrictedBy: /\b(?:open\w*|break\w*|forc\w*|pick\w*|without|bypass\w*|defeat\w*)\b/i,
    open: 'Our gear lockers close with a code that the desk gives out each morning.',
    restricted: 'First press the lower corner of the door inwards. Then slide a strip of tin behind the latch and lift it. The door opens.',
  },
];

/** The guide that a text is about, and whether it asks for its restricted part; undefined when none fits. */
export function guideOf(text: string): { readonly guide: Guide; readonly isRestricted: boolean } | undefined {
  const guide = guides.find(({ subject }) => subject.test(text));
  return guide === undefined ? undefined : { guide, isRestricted: guide.restrictedBy.test(text) };
}
