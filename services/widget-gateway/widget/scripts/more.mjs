/** The words that only the extras say (src/screens/extras): fetched with them, from a folder of their own. */

export const MORE = new Set(
  `backAt backOn tooLong tooBig tooMany tooSoon badFile form name email phone optional start needed
   badEmail badPhone closed rate stars comment submit thanks`.split(/\s+/),
);
