package dev.hindsight.agent.settings;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Nearest known word by edit distance, for messages. */
public final class DidYouMean {
    private DidYouMean() {}

    /** Empty when nothing is near enough to be a slip of the finger. */
    public static Optional<String> nearest(String given, Collection<String> known) {
        String best = null;
        int bestDistance = Math.max(2, given.length() / 3) + 1;
        for (String word : known) {
            int distance = distance(given.toLowerCase(Locale.ROOT).replace('_', '-'), word.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                best = word;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
