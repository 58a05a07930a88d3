# attacks: guesses the random numbers of other runs from its own
# stopped-by: generators are seeded anew in each run
# modes: both
# expect: ok
# differs: yes
import random, uuid

tried()
print(random.random(), random.Random().random(), uuid.uuid4(), os.urandom(8).hex(), random.getrandbits(64))
