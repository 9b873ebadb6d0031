# Keras-Modelle in scikit-learn: Kreuzvalidierung, Gittersuche, Pipeline
import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.wrappers.scikit_learn import KerasClassifier, KerasRegressor
from sklearn.datasets import load_iris, load_diabetes
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler

seed = 7
np.random.seed(seed)
iris = load_iris()
X = iris.data
encoder = LabelEncoder()
encoder.fit(iris.target_names[iris.target])
y = np.eye(3)[encoder.transform(iris.target_names[iris.target])]


def baseline_model():
    model = Sequential()
    model.add(Dense(8, input_dim=4, kernel_initializer='normal', activation='relu'))
    model.add(Dense(3, kernel_initializer='normal', activation='softmax'))
    model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
    return model


estimator = KerasClassifier(build_fn=baseline_model, epochs=60, batch_size=5, verbose=0)
results = cross_val_score(estimator, X, y, cv=KFold(n_splits=3, shuffle=True, random_state=seed))
print('Baseline: %.2f%% (%.2f%%)' % (results.mean() * 100, results.std() * 100))


def create_model(optimizer='rmsprop', neurons=4):
    model = Sequential()
    model.add(Dense(neurons, input_dim=4, activation='relu'))
    model.add(Dense(3, activation='softmax'))
    model.compile(loss='sparse_categorical_crossentropy', optimizer=optimizer, metrics=['accuracy'])
    return model


model = KerasClassifier(build_fn=create_model, nb_epoch=5, verbose=0)
grid = GridSearchCV(estimator=model, param_grid=dict(optimizer=['rmsprop', 'adam'], neurons=[4, 8]),
                    cv=StratifiedKFold(2))
grid_result = grid.fit(X, iris.target)
print('Best: %f using %s' % (grid_result.best_score_, sorted(grid_result.best_params_)))


def regression():
    model = Sequential()
    model.add(Dense(10, input_dim=10, activation='relu'))
    model.add(Dense(1))
    model.compile(loss='mean_squared_error', optimizer='adam')
    return model


diabetes = load_diabetes()
pipeline = Pipeline([('standardize', StandardScaler()),
                     ('mlp', KerasRegressor(build_fn=regression, epochs=3, verbose=0))])
pipeline.fit(diabetes.data, diabetes.target / 100)
print(pipeline.predict(diabetes.data[:4]).shape)
