package dev.hindsight.synthesis.cursor;

import com.clearspring.analytics.stream.cardinality.CardinalityMergeException;
import com.clearspring.analytics.stream.cardinality.HyperLogLogPlus;
import com.clearspring.analytics.stream.cardinality.ICardinality;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.sstable.read.Cardinality;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.fetch.FetchedInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How many partitions an SSTable of a group will have, roughly: the wanted keys of all inputs, less what their cardinality
 * estimators say is common to them, by the group's share of the tokens and the limit of size.
 *
 * @param wanted keys of all inputs, copies counted
 * @param distinct the share of them that stays without copies
 * @param bytes that the wanted ranges take as they are stored
 * @param ranges of all inputs
 */
record KeyEstimate(long wanted, double distinct, double bytes, TokenRanges ranges, long maxSSTableBytes) {

    static KeyEstimate of(List<FetchedInput> inputs, long maxSSTableBytes) {
        long wanted = 0;
        double bytes = 0;
        TokenRanges all = TokenRanges.NONE;
        for (FetchedInput input : inputs) {
            wanted += input.wantedPartitions();
            bytes += input.storedBytes();
            all = all.union(input.input().ranges());
        }
        return new KeyEstimate(wanted, distinct(inputs), bytes, all, maxSSTableBytes);
    }

    private static double distinct(List<FetchedInput> inputs) {
        long total = 0;
        List<ICardinality> estimators = new ArrayList<>();
        for (FetchedInput input : inputs) {
            total += input.partitions();
            Optional<Cardinality> cardinality = input.statistics().cardinality();
            if (cardinality.isPresent()) {
                estimators.add(estimator(input, cardinality.get()));
            }
        }
        if (total == 0 || estimators.size() != inputs.size()) {
            return 1;
        }
        try {
            ICardinality merged = estimators
                    .get(0)
                    .merge(estimators.subList(1, estimators.size()).toArray(new ICardinality[0]));
            return Math.min(1, (double) merged.cardinality() / total);
        } catch (CardinalityMergeException e) {
            // Estimators of different kinds: then nothing is taken to be common.
            return 1;
        }
    }

    private static HyperLogLogPlus estimator(FetchedInput input, Cardinality cardinality) {
        try {
            return cardinality.estimator();
        } catch (MalformedException e) {
            throw CorruptInputException.of(input.input(), e);
        }
    }

    long perSSTable(TokenRanges group) {
        double share = Math.min(1, ranges.intersect(group).fraction() / Math.max(ranges.fraction(), Double.MIN_NORMAL));
        double perSSTable = Math.min(1, maxSSTableBytes / Math.max(1, bytes * distinct * share));
        return Math.max(1, (long) Math.ceil(wanted * distinct * share * perSSTable));
    }
}
