using Postern.Ldap.Tests.Generation;

namespace Postern.Ldap.Tests.Bulk;

public class LburpTests
{
    [Fact]
    public void Update_comes_back_as_it_was()
    {
        Property.Holds(300, generator =>
        {
            List<IUpdateOperation> operations = generator.Many(6, generator.Update);
            (int number, IReadOnlyList<IUpdateOperation> read) = Lburp.DecodeUpdate(Lburp.EncodeUpdate(70000, operations), LdapLimits.Default);
            Assert.Equal(70000, number);
            Assert.Equal(Model.Describe(operations), Model.Describe(read));
        });
    }

    [Fact]
    public void Other_payloads_come_back_as_they_were()
    {
        Generator generator = new(2);
        Assert.Equal(LdapOids.LburpIncrementalStyle, Lburp.DecodeStart(Lburp.EncodeStart(LdapOids.LburpIncrementalStyle)));
        Assert.Equal(0, Lburp.DecodeMaxOperations(Lburp.EncodeMaxOperations(0)));
        Assert.Equal(70000, Lburp.DecodeEnd(Lburp.EncodeEnd(70000)));
        List<(int, LdapResult)> failures = [(1, generator.Result()), (9, generator.Result())];
        IReadOnlyList<(int OperationNumber, LdapResult Result)> read = Lburp.DecodeFailures(Lburp.EncodeFailures(failures));
        Assert.Equal(failures.Select(f => $"{f.Item1} {Model.Describe(f.Item2)}"), read.Select(f => $"{f.OperationNumber} {Model.Describe(f.Result)}"));
        Assert.Empty(Lburp.DecodeFailures(Lburp.EncodeFailures([])));
    }

    [Fact]
    public void Batch_is_bounded()
    {
        LdapLimits limits = new() { MaxBatchOperations = 3 };
        DelRequest operation = new("dc=x");
        Lburp.DecodeUpdate(Lburp.EncodeUpdate(1, [operation, operation, operation]), limits);
        LdapProtocolException refusal = Assert.Throws<LdapProtocolException>(
            () => Lburp.DecodeUpdate(Lburp.EncodeUpdate(1, [operation, operation, operation, operation]), limits));
        Assert.Equal("updateOperationList: more than 3 operations", refusal.Message);
        (int, LdapResult) failure = (1, LdapResult.Success);
        Assert.Throws<LdapProtocolException>(() => Lburp.DecodeFailures(Lburp.EncodeFailures([failure, failure, failure, failure]), limits));
    }

    [Fact]
    public void Numbers_begin_at_one()
    {
        Assert.Throws<LdapProtocolException>(() => Lburp.DecodeUpdate(Lburp.EncodeUpdate(0, []), LdapLimits.Default));
        Assert.Throws<LdapProtocolException>(() => Lburp.DecodeEnd(Lburp.EncodeEnd(0)));
        Assert.Throws<LdapProtocolException>(() => Lburp.DecodeMaxOperations(Lburp.EncodeMaxOperations(-1)));
        Assert.Throws<LdapProtocolException>(() => Lburp.DecodeFailures(Lburp.EncodeFailures([(0, LdapResult.Success)])));
    }

    [Fact]
    public void Only_updates_without_controls_are_taken()
    {
        // SEQUENCE { 1, SEQUENCE { SEQUENCE { unbind } } } and { delete "", [0] {} }
        Assert.Throws<LdapProtocolException>(() => Lburp.DecodeUpdate(Convert.FromHexString("3009020101300430024200"), LdapLimits.Default));
        Assert.Throws<LdapProtocolException>(() => Lburp.DecodeUpdate(Convert.FromHexString("300b020101300630044a00a000"), LdapLimits.Default));
        Assert.Single(Lburp.DecodeUpdate(Convert.FromHexString("3009020101300430024a00"), LdapLimits.Default).Operations);
    }

    [Fact]
    public void Damaged_payloads_are_read_or_refused_and_nothing_else()
    {
        Property.Holds(1000, generator =>
        {
            Survives(generator.Mutate(Lburp.EncodeUpdate(1, generator.Many(3, generator.Update))));
            Survives(generator.Mutate(Lburp.EncodeFailures(generator.Many(3, () => (1, generator.Result())))));
            Survives(generator.Mutate(Lburp.EncodeStart("1.2.3")));
        });

        static void Survives(byte[] octets)
        {
            foreach (Action decode in (Action[])
                [
                    () => Lburp.DecodeUpdate(octets, LdapLimits.Default),
                    () => Lburp.DecodeFailures(octets),
                    () => Lburp.DecodeStart(octets),
                    () => Lburp.DecodeEnd(octets),
                    () => Lburp.DecodeMaxOperations(octets),
                ])
            {
                try
                {
                    decode();
                }
                catch (LdapProtocolException)
                {
                    // the one right way to refuse
                }
            }
        }
    }
}
